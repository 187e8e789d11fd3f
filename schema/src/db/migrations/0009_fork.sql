ALTER TABLE "run_steps" ADD COLUMN "generation" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "fork_at" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "fork_number" integer;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "fork_sealed" "bytea";--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "superseded_by_run_id" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "diverged_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "reset_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "runs_fork_of" ON "runs" USING btree ("fork_of_run_id") WHERE "runs"."fork_of_run_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "runs_fork_number" ON "runs" USING btree ("root_run_id","fork_number") WHERE "runs"."fork_number" is not null;