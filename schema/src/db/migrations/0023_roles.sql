-- Keys get a table of their own that says what they may do; the keys there are go on to work.
ALTER TABLE "api_keys" RENAME TO "keys_before";--> statement-breakpoint
ALTER INDEX "api_keys_pkey" RENAME TO "keys_before_pkey";--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"name" text NOT NULL,
	"start" text NOT NULL,
	"key_hash" text NOT NULL,
	"service_account_id" text,
	"role" text,
	"permissions" jsonb,
	"created_by" text,
	"created_by_name" text,
	"expires_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_keys_key_hash_unique" UNIQUE("key_hash")
);
--> statement-breakpoint
CREATE TABLE "roles" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"permissions" text[] NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "service_accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"role" text NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_service_account_id_service_accounts_id_fk" FOREIGN KEY ("service_account_id") REFERENCES "public"."service_accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "roles" ADD CONSTRAINT "roles_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_accounts" ADD CONSTRAINT "service_accounts_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_org" ON "api_keys" USING btree ("org_id");--> statement-breakpoint
CREATE INDEX "api_keys_service_account" ON "api_keys" USING btree ("service_account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "roles_org_name" ON "roles" USING btree ("org_id",lower("name"));--> statement-breakpoint
CREATE UNIQUE INDEX "service_accounts_org_name" ON "service_accounts" USING btree ("org_id",lower("name"));
--> statement-breakpoint
INSERT INTO "api_keys" ("id", "org_id", "name", "start", "key_hash", "role", "expires_at", "last_used_at", "created_at")
SELECT "id", "reference_id", coalesce("name", "id"), coalesce("start", ''), "key", "metadata"::jsonb ->> 'role', "expires_at", "last_request", "created_at"
FROM "keys_before" WHERE "enabled" AND "reference_id" IN (SELECT "id" FROM "organizations");
--> statement-breakpoint
DROP TABLE "keys_before";
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "api_keys" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
--> statement-breakpoint
ALTER TABLE "roles" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "roles" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
--> statement-breakpoint
ALTER TABLE "service_accounts" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "service_accounts" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
--> statement-breakpoint
-- Keys belong to their org now, and go with it.
CREATE OR REPLACE FUNCTION delete_organization(org text) RETURNS void LANGUAGE plpgsql AS $$
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
  DELETE FROM organizations WHERE id = org;
  PERFORM set_config('everwave.deleted_org', '', true);
END
$$;
