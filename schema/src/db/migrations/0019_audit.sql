CREATE TABLE "audit_heads" (
	"org_id" text PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
DROP INDEX "audit_events_org";--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "number" bigint;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "actor_kind" text DEFAULT 'system' NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "target_name" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "changes" jsonb;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "previous_hash" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "hash" text;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_events_number" ON "audit_events" USING btree ("org_id","number");--> statement-breakpoint
CREATE INDEX "audit_events_target" ON "audit_events" USING btree ("org_id","target_id","number");--> statement-breakpoint
CREATE INDEX "audit_events_actor" ON "audit_events" USING btree ("org_id","actor_id","number");
--> statement-breakpoint
ALTER TABLE "audit_heads" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "audit_heads" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
--> statement-breakpoint
-- Nobody chooses a row's place in the chain: the app role inserts rows without one.
CREATE POLICY no_chosen_place ON "audit_events" AS RESTRICTIVE FOR INSERT
  WITH CHECK (number IS NULL AND previous_hash IS NULL AND hash IS NULL);
--> statement-breakpoint
-- What a row's hash covers: the hash of the row before it and everything the row says, as one JSON array.
CREATE FUNCTION audit_hash(event audit_events) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(
    event.previous_hash, event.org_id, event.number, (extract(epoch FROM event.created_at) * 1000)::bigint,
    event.actor_kind, event.actor_id, event.actor_name, event.action,
    event.target_kind, event.target_id, event.target_name, event.details, event.changes,
    event.request_id, event.address, event.user_agent
  )::text, 'UTF8')), 'hex')
$$;
--> statement-breakpoint
-- Puts a row at the end of its org's chain. The head stays locked until the transaction ends, so rows of one org are
-- numbered in the order of their commits. Runs as the owner: the app role may change neither table.
CREATE FUNCTION chain_audit_event(event audit_events) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
  head audit_heads;
BEGIN
  INSERT INTO audit_heads (org_id, number, hash) VALUES (event.org_id, 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM audit_heads WHERE org_id = event.org_id FOR UPDATE;
  event.number := head.number + 1;
  event.previous_hash := head.hash;
  event.hash := audit_hash(event);
  UPDATE audit_events SET number = event.number, previous_hash = event.previous_hash, hash = event.hash
    WHERE id = event.id;
  UPDATE audit_heads SET number = event.number, hash = event.hash WHERE org_id = event.org_id;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION chain_audit_event(audit_events) FROM PUBLIC;
--> statement-breakpoint
DROP TRIGGER audit_events_append_only ON audit_events;
--> statement-breakpoint
UPDATE audit_events SET target_name = details ->> 'name', actor_kind = CASE
  WHEN EXISTS (SELECT FROM users WHERE users.id = actor_id) THEN 'user'
  WHEN EXISTS (SELECT FROM api_keys WHERE api_keys.id = actor_id) THEN 'apiKey'
  ELSE 'system'
END;
--> statement-breakpoint
SELECT chain_audit_event(audit_events) FROM audit_events ORDER BY id;
--> statement-breakpoint
-- Rows are written once and never again, but for their place in the chain, which only the trigger below gives.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.hash IS NULL AND pg_trigger_depth() > 1 THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
--> statement-breakpoint
CREATE TRIGGER audit_events_kept BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE FUNCTION chain_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM chain_audit_event(NEW);
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- Deferred: the org's head is the last lock that a transaction takes, so it is held for the commit alone and can be part
-- of no deadlock between transactions of one org.
CREATE CONSTRAINT TRIGGER audit_events_chained AFTER INSERT ON audit_events
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.hash IS NULL) EXECUTE FUNCTION chain_at_commit();
