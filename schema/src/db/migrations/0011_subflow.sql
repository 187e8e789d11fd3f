ALTER TABLE "runs" ADD COLUMN "parent_run_id" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "parent_path" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "parent_ordinal" integer;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "parent_waits" boolean;--> statement-breakpoint
CREATE INDEX "runs_parent" ON "runs" USING btree ("parent_run_id") WHERE "runs"."parent_run_id" is not null;