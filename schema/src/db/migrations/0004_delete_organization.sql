-- Deleting an organization by itself meets the append-only log of its runs. This function is the one way: for the database's
-- owner alone, after its runs have ended. The audit log stays, and says so.
CREATE FUNCTION delete_organization(org text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  open_runs bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM organizations WHERE id = org) THEN
    RAISE EXCEPTION 'There is no organization %.', org USING ERRCODE = 'no_data_found';
  END IF;
  SELECT count(*) INTO open_runs FROM runs
    WHERE org_id = org AND status NOT IN ('succeeded', 'failed', 'cancelled', 'superseded');
  IF open_runs > 0 THEN
    RAISE EXCEPTION 'The organization % has % open runs.', org, open_runs
      USING ERRCODE = 'object_in_use', HINT = 'Switch its flows off and cancel the runs first: Temporal would go on with them.';
  END IF;
  PERFORM set_config('everwave.deleted_org', org, true);
  INSERT INTO audit_events (org_id, actor_id, actor_name, action, target_kind, target_id)
    VALUES (org, 'database', current_user, 'organization.deleted', 'organization', org);
  DELETE FROM api_keys WHERE reference_id = org;
  DELETE FROM organizations WHERE id = org;
  PERFORM set_config('everwave.deleted_org', '', true);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION delete_organization(text) FROM PUBLIC;
--> statement-breakpoint
CREATE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.org_id = current_setting('everwave.deleted_org', true) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation',
      HINT = 'An organization is deleted with: select delete_organization(''<id>''), as the owner of the database.';
END
$$;
--> statement-breakpoint
DROP TRIGGER run_logs_append_only ON run_logs;
--> statement-breakpoint
CREATE TRIGGER run_logs_append_only BEFORE UPDATE OR DELETE ON run_logs FOR EACH ROW EXECUTE FUNCTION refuse_log_change();
