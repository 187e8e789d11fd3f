DROP INDEX "teams_org_name";--> statement-breakpoint
CREATE UNIQUE INDEX "teams_org_name" ON "teams" USING btree ("org_id",lower("name"));--> statement-breakpoint
ALTER TABLE "team_members" DROP COLUMN "role";