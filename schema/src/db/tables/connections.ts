import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Json } from '../../flow/plan.ts';
import { bytea, createdAt, moment, orgId, updatedAt } from './columns.ts';

/** What a person made to reach a service: a name, settings such as the base URL, and the sealed secret. */
export const connections = pgTable(
  'connections',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    /** Kind of its credential: `slack.bot`. */
    kind: text('kind').notNull(),
    settings: jsonb('settings').$type<Record<string, Json>>().notNull().default({}),
    /** Names of the secret fields that are set: all that is ever shown of them. */
    secretFields: text('secret_fields').array().notNull().default([]),
    /** JSON of the secret fields, sealed with additional data org + connection id. */
    secretSealed: bytea('secret_sealed').notNull(),
    lastTestedAt: moment('last_tested_at'),
    lastTestStatus: text('last_test_status', { enum: ['ok', 'failed'] }),
    lastTestMessage: text('last_test_message'),
    lastTestAdvice: text('last_test_advice'),
    /** Only who has a grant sees it, changes it or draws with it. */
    isRestricted: boolean('is_restricted').notNull().default(false),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    uniqueIndex('connections_org_name').on(table.orgId, table.name),
    index('connections_org_kind').on(table.orgId, table.kind),
    index('connections_restricted').on(table.orgId).where(sql`${table.isRestricted}`),
  ],
);
