ALTER TABLE "runs" ADD COLUMN "hostable" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "host_workflow_id" text;--> statement-breakpoint
CREATE INDEX "runs_host" ON "runs" USING btree ("host_workflow_id") WHERE "runs"."host_workflow_id" is not null;