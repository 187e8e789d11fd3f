CREATE TABLE "collections" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" text NOT NULL,
	"flow_id" text NOT NULL,
	"trigger_id" text NOT NULL,
	"key_hash" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"payloads" text NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"bytes" integer NOT NULL,
	"opened_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"closes_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "triggers" ADD COLUMN "collect" jsonb;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "collection_id" text;--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "collections_open" ON "collections" USING btree ("trigger_id","key_hash") WHERE "collections"."status" = 'open';--> statement-breakpoint
CREATE INDEX "collections_due" ON "collections" USING btree ("due_at") WHERE "collections"."status" <> 'closed';--> statement-breakpoint
CREATE INDEX "deliveries_run" ON "deliveries" USING btree ("run_id") WHERE "deliveries"."run_id" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_collection" ON "deliveries" USING btree ("collection_id") WHERE "deliveries"."collection_id" is not null;
--> statement-breakpoint
ALTER TABLE "collections" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "collections" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
