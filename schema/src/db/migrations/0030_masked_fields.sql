CREATE TABLE "masked_fields" (
	"org_id" text NOT NULL,
	"field" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "masked_fields_org_id_field_pk" PRIMARY KEY("org_id","field")
);
--> statement-breakpoint
ALTER TABLE "masked_fields" ADD CONSTRAINT "masked_fields_org_id_organizations_id_fk" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "masked_fields" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY tenant ON "masked_fields" USING (org_id = current_setting('everwave.org', true) OR current_setting('everwave.org', true) = '*');
