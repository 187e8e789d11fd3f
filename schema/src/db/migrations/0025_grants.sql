CREATE TABLE "folders" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"name" text NOT NULL,
	"is_restricted" boolean DEFAULT false NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"thing" text NOT NULL,
	"thing_id" text NOT NULL,
	"grantee" text NOT NULL,
	"grantee_id" text NOT NULL,
	"role" text,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "is_restricted" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "flows" ADD COLUMN "folder_id" text;--> statement-breakpoint
ALTER TABLE "flows" ADD COLUMN "is_restricted" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "folders" ADD CONSTRAINT "folders_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "folders_org_name" ON "folders" USING btree ("org_id",lower("name"));--> statement-breakpoint
CREATE UNIQUE INDEX "grants_thing_grantee" ON "grants" USING btree ("org_id","thing","thing_id","grantee","grantee_id");--> statement-breakpoint
CREATE INDEX "grants_grantee" ON "grants" USING btree ("org_id","grantee_id");--> statement-breakpoint
ALTER TABLE "flows" ADD CONSTRAINT "flows_folder_id_folders_id_fk" FOREIGN KEY ("folder_id") REFERENCES "public"."folders"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "connections_restricted" ON "connections" USING btree ("org_id") WHERE "connections"."is_restricted";--> statement-breakpoint
CREATE INDEX "flows_restricted" ON "flows" USING btree ("org_id") WHERE "flows"."is_restricted";
--> statement-breakpoint
ALTER TABLE "folders" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "folders" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
--> statement-breakpoint
ALTER TABLE "grants" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "grants" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
