import { sql } from 'drizzle-orm';
import { foreignKey, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { members } from './auth.ts';
import { createdAt, orgId, updatedAt } from './columns.ts';

/** People of one org under one name. */
export const teams = pgTable(
  'teams',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex('teams_org_name').on(table.orgId, sql`lower(${table.name})`)],
);

/** Whoever leaves the org leaves its teams with the same statement. */
export const teamMembers = pgTable(
  'team_members',
  {
    orgId: orgId(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id, { onDelete: 'cascade' }),
    userId: text('user_id').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.teamId, table.userId] }),
    index('team_members_user').on(table.orgId, table.userId),
    foreignKey({
      name: 'team_members_member',
      columns: [table.orgId, table.userId],
      foreignColumns: [members.organizationId, members.userId],
    }).onDelete('cascade'),
  ],
);
