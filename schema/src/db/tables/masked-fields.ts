import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { createdAt, orgId } from './columns.ts';

/** Fields of run data that an org keeps from being read: `email`, `card.number`. */
export const maskedFields = pgTable(
  'masked_fields',
  {
    orgId: orgId(),
    /** In small letters. */
    field: text('field').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.field] })],
);
