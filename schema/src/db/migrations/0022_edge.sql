CREATE TABLE "rate_budgets" (
	"key" text PRIMARY KEY NOT NULL,
	"points" integer NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "rate_budgets_ends" ON "rate_budgets" USING btree ("ends_at");