CREATE TABLE "blob_parts" (
	"org_id" text NOT NULL,
	"sha256" text NOT NULL,
	"part" integer NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "blob_parts_org_id_sha256_part_pk" PRIMARY KEY("org_id","sha256","part")
);
--> statement-breakpoint
CREATE TABLE "blob_uses" (
	"org_id" text NOT NULL,
	"run_id" text NOT NULL,
	"path" text NOT NULL,
	"ordinal" integer NOT NULL,
	"name" text NOT NULL,
	"sha256" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blob_uses_org_id_run_id_path_ordinal_name_pk" PRIMARY KEY("org_id","run_id","path","ordinal","name")
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"org_id" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" bigint NOT NULL,
	"media_type" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp (3) with time zone,
	CONSTRAINT "blobs_org_id_sha256_pk" PRIMARY KEY("org_id","sha256")
);
--> statement-breakpoint
ALTER TABLE "blob_parts" ADD CONSTRAINT "blob_parts_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blob_parts" ADD CONSTRAINT "blob_parts_org_id_sha256_blobs_org_id_sha256_fk" FOREIGN KEY ("org_id","sha256") REFERENCES "public"."blobs"("org_id","sha256") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blob_uses" ADD CONSTRAINT "blob_uses_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blob_uses" ADD CONSTRAINT "blob_uses_org_id_sha256_blobs_org_id_sha256_fk" FOREIGN KEY ("org_id","sha256") REFERENCES "public"."blobs"("org_id","sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blobs" ADD CONSTRAINT "blobs_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "blob_uses_blob" ON "blob_uses" USING btree ("org_id","sha256");--> statement-breakpoint
CREATE INDEX "blobs_last_used" ON "blobs" USING btree ("last_used_at");--> statement-breakpoint
-- Row-level security as in 0001_security: the new tables are a tenant's, like the others.
DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['blobs', 'blob_parts', 'blob_uses']
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
-- What is sealed does not get smaller: Postgres need not try.
ALTER TABLE blob_parts ALTER COLUMN sealed SET STORAGE EXTERNAL;
