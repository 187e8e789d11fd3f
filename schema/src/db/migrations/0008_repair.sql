CREATE TABLE "alert_channels" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"settings" jsonb NOT NULL,
	"secret_sealed" "bytea",
	"is_on" boolean DEFAULT true NOT NULL,
	"quiet_seconds" integer DEFAULT 3600 NOT NULL,
	"last_delivered_at" timestamp (3) with time zone,
	"last_error" text,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"channel_id" text NOT NULL,
	"fingerprint" text,
	"event" text NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"gave_up_at" timestamp (3) with time zone,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "dead_letter_groups" (
	"org_id" text NOT NULL,
	"fingerprint" text NOT NULL,
	"flow_id" text NOT NULL,
	"step_id" text NOT NULL,
	"failure_name" text NOT NULL,
	"open_since" timestamp (3) with time zone,
	"emptied_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dead_letter_groups_org_id_fingerprint_pk" PRIMARY KEY("org_id","fingerprint")
);
--> statement-breakpoint
CREATE TABLE "repair_job_letters" (
	"org_id" text NOT NULL,
	"job_id" text NOT NULL,
	"position" integer NOT NULL,
	"letter_id" text NOT NULL,
	"run_id" text NOT NULL,
	"path" text NOT NULL,
	"ordinal" integer NOT NULL,
	"outcome" text DEFAULT 'waiting' NOT NULL,
	"detail" text,
	"sent_at" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "repair_job_letters_job_id_position_pk" PRIMARY KEY("job_id","position")
);
--> statement-breakpoint
CREATE TABLE "repair_jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"fingerprint" text NOT NULL,
	"flow_id" text NOT NULL,
	"step_id" text NOT NULL,
	"failure_name" text NOT NULL,
	"action" text NOT NULL,
	"value_sealed" "bytea",
	"comment" text,
	"status" text DEFAULT 'canary' NOT NULL,
	"reason" text,
	"rate_per_second" integer NOT NULL,
	"preview" jsonb NOT NULL,
	"request_id" text NOT NULL,
	"request_hash" text NOT NULL,
	"requested_by" jsonb NOT NULL,
	"cancelled_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone,
	"next_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "dismissed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "dismissed_by" text;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "dismissal_reason" text;--> statement-breakpoint
ALTER TABLE "alert_channels" ADD CONSTRAINT "alert_channels_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_channel_id_alert_channels_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."alert_channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dead_letter_groups" ADD CONSTRAINT "dead_letter_groups_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "repair_job_letters" ADD CONSTRAINT "repair_job_letters_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "repair_job_letters" ADD CONSTRAINT "repair_job_letters_job_id_repair_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."repair_jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "repair_jobs" ADD CONSTRAINT "repair_jobs_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alert_channels_org_name" ON "alert_channels" USING btree ("org_id","name");--> statement-breakpoint
CREATE INDEX "alerts_due" ON "alerts" USING btree ("next_attempt_at") WHERE "alerts"."delivered_at" is null and "alerts"."gave_up_at" is null;--> statement-breakpoint
CREATE INDEX "alerts_group" ON "alerts" USING btree ("org_id","fingerprint","channel_id","created_at");--> statement-breakpoint
CREATE INDEX "dead_letter_groups_open" ON "dead_letter_groups" USING btree ("open_since");--> statement-breakpoint
CREATE INDEX "repair_job_letters_letter" ON "repair_job_letters" USING btree ("letter_id");--> statement-breakpoint
CREATE INDEX "repair_job_letters_outcome" ON "repair_job_letters" USING btree ("job_id","outcome","position");--> statement-breakpoint
CREATE UNIQUE INDEX "repair_jobs_open" ON "repair_jobs" USING btree ("org_id","fingerprint") WHERE "repair_jobs"."finished_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "repair_jobs_request" ON "repair_jobs" USING btree ("org_id","request_id");--> statement-breakpoint
CREATE INDEX "repair_jobs_due" ON "repair_jobs" USING btree ("next_at") WHERE "repair_jobs"."settled_at" is null;--> statement-breakpoint
CREATE INDEX "repair_jobs_group" ON "repair_jobs" USING btree ("org_id","fingerprint","id");--> statement-breakpoint
CREATE INDEX "dead_letters_group" ON "dead_letters" USING btree ("org_id","fingerprint","opened_at","id");--> statement-breakpoint
CREATE INDEX "dead_letters_open" ON "dead_letters" USING btree ("org_id","fingerprint") WHERE "dead_letters"."resolved_at" is null and "dead_letters"."dismissed_at" is null;--> statement-breakpoint
-- Row-level security as in 0001_security: the new tables are a tenant's, like the others.
DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['alert_channels', 'alerts', 'dead_letter_groups', 'repair_job_letters', 'repair_jobs']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON %I USING (org_id = current_setting(''everwave.org'', true) OR current_setting(''everwave.org'', true) = ''*'')',
      tenant_table
    );
  END LOOP;
END
$$;
--> statement-breakpoint
-- What waits already is no news: nobody has a channel yet, and a new one speaks of what comes after it.
INSERT INTO dead_letter_groups (org_id, fingerprint, flow_id, step_id, failure_name, open_since)
SELECT org_id, fingerprint, min(flow_id), min(step_id), min(failure ->> 'name'), min(opened_at)
FROM dead_letters WHERE resolved_at IS NULL GROUP BY org_id, fingerprint;
