import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { variableTypes } from '../../flow/variables.ts';
import { bytea, createdAt, orgId, updatedAt } from './columns.ts';

/** What expressions of an org's flows read as `env.NAME`. */
export const variables = pgTable(
  'variables',
  {
    orgId: orgId(),
    name: text('name').notNull(),
    type: text('type', { enum: variableTypes }).notNull(),
    description: text('description').notNull().default(''),
    /** JSON of the value, secret or not, sealed with additional data org + name. */
    valueSealed: bytea('value_sealed').notNull(),
    updatedBy: text('updated_by').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.name] })],
);
