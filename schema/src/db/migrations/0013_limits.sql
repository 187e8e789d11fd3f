CREATE TABLE "limits" (
	"org_id" text NOT NULL,
	"subject" text NOT NULL,
	"kind" text NOT NULL,
	"at_once" integer,
	"rate_count" integer,
	"rate_seconds" integer,
	"burst" integer,
	"when_full" text,
	"updated_by" text,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "limits_org_id_subject_kind_pk" PRIMARY KEY("org_id","subject","kind")
);
--> statement-breakpoint
CREATE TABLE "step_leases" (
	"org_id" text NOT NULL,
	"subject" text NOT NULL,
	"holder" text NOT NULL,
	"worker" text NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "step_leases_org_id_subject_holder_pk" PRIMARY KEY("org_id","subject","holder")
);
--> statement-breakpoint
CREATE TABLE "step_paces" (
	"org_id" text NOT NULL,
	"subject" text NOT NULL,
	"next_at" double precision DEFAULT 0 NOT NULL,
	"held_seconds" double precision DEFAULT 0 NOT NULL,
	CONSTRAINT "step_paces_org_id_subject_pk" PRIMARY KEY("org_id","subject")
);
--> statement-breakpoint
CREATE TABLE "step_waits" (
	"org_id" text NOT NULL,
	"subject" text NOT NULL,
	"holder" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "step_waits_org_id_subject_holder_pk" PRIMARY KEY("org_id","subject","holder")
);
--> statement-breakpoint
-- The runs that there are had their places long ago.
ALTER TABLE "runs" ADD COLUMN "placed_at" timestamp (3) with time zone DEFAULT '1970-01-01T00:00:00Z';--> statement-breakpoint
ALTER TABLE "runs" ALTER COLUMN "placed_at" SET DEFAULT now();--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "replaced_by_run_id" text;--> statement-breakpoint
ALTER TABLE "limits" ADD CONSTRAINT "limits_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "step_leases" ADD CONSTRAINT "step_leases_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "step_paces" ADD CONSTRAINT "step_paces_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "step_waits" ADD CONSTRAINT "step_waits_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "step_leases_worker" ON "step_leases" USING btree ("worker");--> statement-breakpoint
CREATE INDEX "runs_due" ON "runs" USING btree ("org_id","id") WHERE "runs"."status" = 'queued' and "runs"."placed_at" is not null;--> statement-breakpoint
CREATE INDEX "runs_without_place" ON "runs" USING btree ("org_id","flow_id","id") WHERE "runs"."status" = 'queued' and "runs"."placed_at" is null;--> statement-breakpoint
CREATE INDEX "runs_placed" ON "runs" USING btree ("org_id","placed_at");
--> statement-breakpoint
DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['limits', 'step_leases', 'step_waits', 'step_paces'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      'CREATE POLICY tenant ON %I USING (org_id = current_setting(''everwave.org'', true) OR current_setting(''everwave.org'', true) = ''*'')',
      tenant_table
    );
  END LOOP;
END
$$;
--> statement-breakpoint
-- Takes a place under every wanted limit, or none and a turn in the line: then it returns the limits that are full, after
-- how many seconds it is worth asking again, and how many wait before this one. `wanted` is a list of
-- { subject, atOnce, count, seconds, burst }. Whoever is due, or nearly so, goes before whoever came later; one that
-- sleeps for longer keeps nobody from a place that is free.
CREATE FUNCTION take_step_places(org text, step text, worker_name text, wanted jsonb, lease_seconds double precision)
RETURNS TABLE (full_subject text, wait_seconds double precision, before integer) LANGUAGE plpgsql AS $$
DECLARE
  want record;
  moment timestamptz;
  tick double precision;
  my_since timestamptz;
  pace step_paces;
  due_before integer;
  all_before integer;
  free integer;
  tokens double precision;
  delay double precision;
  is_free boolean := true;
BEGIN
  -- In one order, so that two that want the same do not wait in a circle.
  FOR want IN
    SELECT * FROM jsonb_to_recordset(wanted)
      AS it(subject text, "atOnce" integer, "count" integer, seconds integer, burst integer) ORDER BY subject
  LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended('step place ' || org || ' ' || want.subject, 0));
  END LOOP;
  moment := clock_timestamp();
  tick := extract(epoch FROM moment);

  FOR want IN
    SELECT * FROM jsonb_to_recordset(wanted)
      AS it(subject text, "atOnce" integer, "count" integer, seconds integer, burst integer) ORDER BY subject
  LOOP
    pace := NULL;
    SELECT * INTO pace FROM step_paces WHERE org_id = org AND subject = want.subject;
    my_since := NULL;
    SELECT since INTO my_since FROM step_waits WHERE org_id = org AND subject = want.subject AND holder = step;
    SELECT
      count(*) FILTER (WHERE due_at BETWEEN moment - interval '10 seconds' AND moment + interval '1 second'),
      count(*) FILTER (WHERE due_at > moment - interval '1 minute')
      INTO due_before, all_before
      FROM step_waits
      WHERE org_id = org AND subject = want.subject AND holder <> step
        AND (my_since IS NULL OR since < my_since OR (since = my_since AND holder < step));
    delay := 0;
    IF want."atOnce" IS NOT NULL THEN
      SELECT want."atOnce" - count(*) INTO free FROM step_leases
        WHERE org_id = org AND subject = want.subject AND expires_at > moment AND holder <> step;
      IF due_before >= free THEN
        delay := greatest(0.2, greatest(0.1, coalesce(pace.held_seconds, 1)) * (all_before + 1) / want."atOnce");
      END IF;
    END IF;
    IF want."count" IS NOT NULL THEN
      tokens := want.burst - greatest(0, coalesce(pace.next_at, 0) - tick) * want."count" / want.seconds;
      IF due_before >= floor(tokens + 0.000001) THEN
        delay := greatest(delay, 0.05, (all_before + 1 - tokens) * want.seconds / want."count");
      END IF;
    END IF;
    IF delay > 0 THEN
      is_free := false;
      full_subject := want.subject;
      wait_seconds := least(delay, 300);
      before := all_before;
      INSERT INTO step_waits (org_id, subject, holder, since, due_at)
        VALUES (org, want.subject, step, moment, moment + make_interval(secs => wait_seconds))
        ON CONFLICT (org_id, subject, holder) DO UPDATE SET due_at = excluded.due_at;
      RETURN NEXT;
    END IF;
  END LOOP;
  IF NOT is_free THEN
    RETURN;
  END IF;

  FOR want IN
    SELECT * FROM jsonb_to_recordset(wanted)
      AS it(subject text, "atOnce" integer, "count" integer, seconds integer, burst integer) ORDER BY subject
  LOOP
    DELETE FROM step_waits WHERE org_id = org AND subject = want.subject
      AND (holder = step OR due_at < moment - interval '10 minutes');
    IF want."atOnce" IS NOT NULL THEN
      DELETE FROM step_leases WHERE org_id = org AND subject = want.subject AND expires_at <= moment;
      INSERT INTO step_leases (org_id, subject, holder, worker, taken_at, expires_at)
        VALUES (org, want.subject, step, worker_name, moment, moment + make_interval(secs => lease_seconds))
        ON CONFLICT (org_id, subject, holder) DO UPDATE
          SET worker = excluded.worker, taken_at = excluded.taken_at, expires_at = excluded.expires_at;
    END IF;
    IF want."count" IS NOT NULL THEN
      INSERT INTO step_paces (org_id, subject, next_at)
        VALUES (org, want.subject, tick + want.seconds::double precision / want."count")
        ON CONFLICT (org_id, subject) DO UPDATE
          SET next_at = greatest(step_paces.next_at, tick) + want.seconds::double precision / want."count";
    END IF;
  END LOOP;
END
$$;
--> statement-breakpoint
-- Gives a step's places back, and remembers how long it has held them.
CREATE FUNCTION release_step_places(org text, step text, worker_name text) RETURNS void LANGUAGE sql AS $$
  WITH released AS (
    DELETE FROM step_leases WHERE org_id = org AND holder = step AND worker = worker_name
      RETURNING subject, extract(epoch FROM clock_timestamp() - taken_at) AS held
  )
  INSERT INTO step_paces (org_id, subject, held_seconds) SELECT org, subject, held FROM released ORDER BY subject
    ON CONFLICT (org_id, subject) DO UPDATE SET held_seconds =
      CASE WHEN step_paces.held_seconds = 0 THEN excluded.held_seconds
        ELSE 0.8 * step_paces.held_seconds + 0.2 * excluded.held_seconds END
$$;
