import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { Schedule } from '../../flow/schedule/schedule.ts';
import { createdAt, moment, orgId, updatedAt } from './columns.ts';
import { triggers } from './flows.ts';

/** What Temporal is to have a schedule of. This row is the truth; a difference in Temporal is mended from it. */
export const schedules = pgTable(
  'schedules',
  {
    triggerId: text('trigger_id')
      .primaryKey()
      .references(() => triggers.id, { onDelete: 'cascade' }),
    orgId: orgId(),
    flowId: text('flow_id').notNull(),
    schedule: jsonb('schedule').$type<Schedule>().notNull(),
    /** Set while a person has it paused, whatever the switch of its flow says. */
    pausedAt: moment('paused_at'),
    pausedBy: text('paused_by'),
    pauseReason: text('pause_reason'),
    /** Rises with everything that Temporal is to be told: the times, a pause, the switch of the flow. */
    revision: integer('revision').notNull().default(1),
    /** The revision that Temporal has confirmed; 0 while it has none. */
    appliedRevision: integer('applied_revision').notNull().default(0),
    appliedAt: moment('applied_at'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    lastError: text('last_error'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index('schedules_org').on(table.orgId, table.triggerId),
    index('schedules_flow').on(table.flowId),
    index('schedules_due').on(table.nextAttemptAt).where(sql`${table.revision} <> ${table.appliedRevision}`),
  ],
);
