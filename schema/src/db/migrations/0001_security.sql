-- Row-level security is the second wall behind each query's own org condition. A transaction names its org in the
-- setting `everwave.org`; without it a tenant table shows no row. `*` is for the processes that work across orgs.
DO $$
DECLARE
  tenant_table text;
BEGIN
  FOR tenant_table IN
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_name = 'org_id'
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
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER run_logs_append_only BEFORE UPDATE OR DELETE ON run_logs FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER flow_versions_immutable BEFORE UPDATE ON flow_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER plans_immutable BEFORE UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION refuse_change();

--> statement-breakpoint
-- Whoever shows runs listens on `everwave_runs`. The notice holds ids only; equal notices of one transaction arrive once.
CREATE FUNCTION announce_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('everwave_runs', json_build_object('orgId', NEW.org_id, 'runId', NEW.id)::text);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION announce_run_of_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('everwave_runs', json_build_object('orgId', NEW.org_id, 'runId', NEW.run_id)::text);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER runs_announced AFTER INSERT OR UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION announce_run();
--> statement-breakpoint
CREATE TRIGGER run_steps_announced AFTER INSERT OR UPDATE ON run_steps FOR EACH ROW EXECUTE FUNCTION announce_run_of_step();
