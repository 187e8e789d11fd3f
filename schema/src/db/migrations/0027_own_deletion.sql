-- What goes with an organization, whoever says so. Held against runs that would begin meanwhile.
CREATE FUNCTION erase_organization(org text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  open_runs bigint;
BEGIN
  PERFORM FROM organizations WHERE id = org FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no organization %.', org USING ERRCODE = 'no_data_found';
  END IF;
  SELECT count(*) INTO open_runs FROM runs
    WHERE org_id = org AND status NOT IN ('succeeded', 'failed', 'cancelled', 'superseded');
  IF open_runs > 0 THEN
    RAISE EXCEPTION 'The organization % has % open runs.', org, open_runs
      USING ERRCODE = 'object_in_use', HINT = 'Switch its flows off and cancel the runs first: Temporal would go on with them.';
  END IF;
  PERFORM set_config('everwave.deleted_org', org, true);
  DELETE FROM organizations WHERE id = org;
  PERFORM set_config('everwave.deleted_org', '', true);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION erase_organization(text) FROM PUBLIC;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION delete_organization(org text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM erase_organization(org);
  INSERT INTO audit_events (org_id, actor_id, actor_name, action, target_kind, target_id)
    VALUES (org, 'database', current_user, 'organization.deleted', 'organization', org);
END
$$;
--> statement-breakpoint
-- The way of an organization's own owners. Runs as the owner of the tables, whom the append-only log of runs lets through,
-- and only in a transaction that names this organization: it reaches no other, and never the last one.
CREATE FUNCTION delete_own_organization(org text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('everwave.org', true) IS DISTINCT FROM org THEN
    RAISE EXCEPTION 'This transaction is not of the organization %.', org USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('everwave.organizations'));
  IF (SELECT count(*) FROM organizations) < 2 THEN
    RAISE EXCEPTION 'The organization % is the only one.', org USING ERRCODE = 'object_in_use';
  END IF;
  PERFORM erase_organization(org);
END
$$;
