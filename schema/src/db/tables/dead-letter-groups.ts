import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment, orgId, updatedAt } from './columns.ts';

/** Dead letters that want the same repair: those of one flow, node and failure name. What alerts need to know of them. */
export const deadLetterGroups = pgTable(
  'dead_letter_groups',
  {
    orgId: orgId(),
    fingerprint: text('fingerprint').notNull(),
    flowId: text('flow_id').notNull(),
    stepId: text('step_id').notNull(),
    failureName: text('failure_name').notNull(),
    /** Since when letters of it have been waiting and people were told so; null when nobody is waited for. */
    openSince: moment('open_since'),
    /** When the last one left while `openSince` was set: after a while people are told that it is over. */
    emptiedAt: moment('emptied_at'),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.fingerprint] }),
    index('dead_letter_groups_open').on(table.openSince),
  ],
);
