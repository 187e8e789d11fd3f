import { index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** How often something was tried within a stretch of time, counted by all processes together. */
export const rateBudgets = pgTable(
  'rate_budgets',
  {
    /** A hash: what was tried, and by or against whom. */
    key: text('key').primaryKey(),
    points: integer('points').notNull(),
    /** The next try after it begins anew. */
    endsAt: moment('ends_at').notNull(),
  },
  (table) => [index('rate_budgets_ends').on(table.endsAt)],
);
