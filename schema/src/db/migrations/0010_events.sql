CREATE TABLE "approval_links" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"approval_id" text NOT NULL,
	"token_hash" text NOT NULL,
	"recipient" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"run_id" text NOT NULL,
	"flow_id" text NOT NULL,
	"path" text NOT NULL,
	"ordinal" integer NOT NULL,
	"step_id" text NOT NULL,
	"seq" integer NOT NULL,
	"status" text NOT NULL,
	"request_sealed" "bytea" NOT NULL,
	"answers_sealed" "bytea",
	"roles" text[] NOT NULL,
	"people" text[] NOT NULL,
	"approvals_needed" integer NOT NULL,
	"rejections_needed" integer NOT NULL,
	"answered_by" text[] NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "event_deliveries" (
	"org_id" text NOT NULL,
	"event_row" text NOT NULL,
	"run_id" text NOT NULL,
	"path" text NOT NULL,
	"ordinal" integer NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "event_deliveries_run_id_path_ordinal_event_row_pk" PRIMARY KEY("run_id","path","ordinal","event_row")
);
--> statement-breakpoint
CREATE TABLE "event_waits" (
	"org_id" text NOT NULL,
	"run_id" text NOT NULL,
	"path" text NOT NULL,
	"ordinal" integer NOT NULL,
	"seq" integer NOT NULL,
	"event_name" text NOT NULL,
	"correlation_key" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "event_waits_run_id_path_ordinal_pk" PRIMARY KEY("run_id","path","ordinal")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"name" text NOT NULL,
	"correlation_key" text NOT NULL,
	"event_id" text NOT NULL,
	"data_sealed" "bytea" NOT NULL,
	"data_bytes" integer NOT NULL,
	"sent_by" text NOT NULL,
	"request_id" text,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "approval_links" ADD CONSTRAINT "approval_links_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event_deliveries" ADD CONSTRAINT "event_deliveries_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event_deliveries" ADD CONSTRAINT "event_deliveries_event_row_events_id_fk" FOREIGN KEY ("event_row") REFERENCES "public"."events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event_waits" ADD CONSTRAINT "event_waits_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event_waits" ADD CONSTRAINT "event_waits_step" FOREIGN KEY ("run_id","path","ordinal") REFERENCES "public"."run_steps"("run_id","path","ordinal") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "approval_links_token" ON "approval_links" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "approval_links_approval" ON "approval_links" USING btree ("approval_id");--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_step" ON "approvals" USING btree ("run_id","path","ordinal");--> statement-breakpoint
CREATE INDEX "approvals_org" ON "approvals" USING btree ("org_id","opened_at","id");--> statement-breakpoint
CREATE INDEX "approvals_org_status" ON "approvals" USING btree ("org_id","status","opened_at");--> statement-breakpoint
CREATE INDEX "event_deliveries_event" ON "event_deliveries" USING btree ("event_row","run_id");--> statement-breakpoint
CREATE INDEX "event_deliveries_due" ON "event_deliveries" USING btree ("next_attempt_at") WHERE "event_deliveries"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "event_waits_open" ON "event_waits" USING btree ("org_id","event_name","correlation_key") WHERE "event_waits"."closed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "events_once" ON "events" USING btree ("org_id","name","event_id");--> statement-breakpoint
CREATE INDEX "events_key" ON "events" USING btree ("org_id","name","correlation_key","id");--> statement-breakpoint
CREATE INDEX "events_org" ON "events" USING btree ("org_id","id");--> statement-breakpoint
CREATE INDEX "events_expiry" ON "events" USING btree ("expires_at");
--> statement-breakpoint
DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['events', 'event_waits', 'event_deliveries', 'approvals', 'approval_links'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON %I USING (org_id = current_setting(''everwave.org'', true) OR current_setting(''everwave.org'', true) = ''*'')',
      tenant_table
    );
  END LOOP;
END
$$;
--> statement-breakpoint
-- An event and a wait for it may be written at the same moment, each before the other can be seen. Whoever brings one
-- of the two holds the lock of its name and key until the other can see it; statements write in the order of these.
CREATE FUNCTION lock_correlation(org text, name text, correlation_key text) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtextextended(org || ' ' || name || ' ' || correlation_key, 0))
$$;
--> statement-breakpoint
CREATE FUNCTION deliver_event_to_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_correlation(NEW.org_id, NEW.name, NEW.correlation_key);
  INSERT INTO event_deliveries (org_id, event_row, run_id, path, ordinal)
    SELECT NEW.org_id, NEW.id, run_id, path, ordinal FROM event_waits
    WHERE org_id = NEW.org_id AND event_name = NEW.name AND correlation_key = NEW.correlation_key
      AND closed_at IS NULL
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER events_delivered AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION deliver_event_to_waits();
--> statement-breakpoint
-- A wait that begins gets what came before it and what its run has not taken yet; one that ends gets nothing more.
CREATE FUNCTION deliver_events_to_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.closed_at IS NOT NULL THEN
    DELETE FROM event_deliveries
      WHERE run_id = NEW.run_id AND path = NEW.path AND ordinal = NEW.ordinal AND status = 'pending';
    RETURN NULL;
  END IF;
  PERFORM lock_correlation(NEW.org_id, NEW.event_name, NEW.correlation_key);
  INSERT INTO event_deliveries (org_id, event_row, run_id, path, ordinal)
    SELECT NEW.org_id, events.id, NEW.run_id, NEW.path, NEW.ordinal FROM events
    WHERE org_id = NEW.org_id AND name = NEW.event_name AND correlation_key = NEW.correlation_key
      AND expires_at > now()
      AND NOT EXISTS (
        SELECT FROM event_deliveries AS taken
        WHERE taken.event_row = events.id AND taken.run_id = NEW.run_id AND taken.status = 'taken'
      )
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER event_waits_delivered AFTER INSERT OR UPDATE ON event_waits FOR EACH ROW EXECUTE FUNCTION deliver_events_to_wait();
