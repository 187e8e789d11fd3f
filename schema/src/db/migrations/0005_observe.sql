ALTER TABLE "runs" ADD COLUMN "traceparent" text;--> statement-breakpoint
CREATE INDEX "run_meters_org" ON "run_meters" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE INDEX "runs_org_created" ON "runs" USING btree ("org_id","created_at");