import { sql } from 'drizzle-orm';
import { boolean, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { granteeKinds } from '../../api/access.ts';
import { createdAt, orgId, updatedAt } from './columns.ts';

export const grantedThings = ['flow', 'folder', 'connection'] as const;
export type GrantedThing = (typeof grantedThings)[number];

export type Grantee = (typeof granteeKinds)[number];

/** Flows that are kept together. What is said of who may reach a folder holds for every flow in it. */
export const folders = pgTable(
  'folders',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    /** Only who has a grant reaches what is in it. */
    isRestricted: boolean('is_restricted').notNull().default(false),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [uniqueIndex('folders_org_name').on(table.orgId, sql`lower(${table.name})`)],
);

/** A role that somebody has on one flow, on the flows of one folder, or on one connection. */
export const grants = pgTable(
  'grants',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    thing: text('thing', { enum: grantedThings }).notNull(),
    thingId: text('thing_id').notNull(),
    grantee: text('grantee', { enum: granteeKinds }).notNull(),
    granteeId: text('grantee_id').notNull(),
    /** Null for the role that they have in the org anyway. */
    role: text('role'),
    createdBy: text('created_by'),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('grants_thing_grantee').on(table.orgId, table.thing, table.thingId, table.grantee, table.granteeId),
    index('grants_grantee').on(table.orgId, table.granteeId),
  ],
);
