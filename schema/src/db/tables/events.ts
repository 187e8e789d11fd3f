import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId } from './columns.ts';
import { runSteps } from './runs.ts';

/** Events from outside, for runs that wait for them now or will: a row is committed before the sender gets its 2xx. */
export const events = pgTable(
  'events',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    name: text('name').notNull(),
    correlationKey: text('correlation_key').notNull(),
    /** The sender's id, or ours when it sends none: the same event twice is one. */
    eventId: text('event_id').notNull(),
    dataSealed: bytea('data_sealed').notNull(),
    dataBytes: integer('data_bytes').notNull(),
    sentBy: text('sent_by').notNull(),
    requestId: text('request_id'),
    receivedAt: moment('received_at').notNull().defaultNow(),
    /** Until then it waits for a run that asks for it. */
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    uniqueIndex('events_once').on(table.orgId, table.name, table.eventId),
    index('events_key').on(table.orgId, table.name, table.correlationKey, table.id),
    index('events_org').on(table.orgId, table.id),
    index('events_expiry').on(table.expiresAt),
  ],
);

/** Steps that wait, or waited, for an event: part of the projection. */
export const eventWaits = pgTable(
  'event_waits',
  {
    orgId: orgId(),
    runId: text('run_id').notNull(),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    seq: integer('seq').notNull(),
    eventName: text('event_name').notNull(),
    correlationKey: text('correlation_key').notNull(),
    openedAt: moment('opened_at').notNull(),
    closedAt: moment('closed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.path, table.ordinal] }),
    foreignKey({
      name: 'event_waits_step',
      columns: [table.runId, table.path, table.ordinal],
      foreignColumns: [runSteps.runId, runSteps.path, runSteps.ordinal],
    }).onDelete('cascade'),
    index('event_waits_open')
      .on(table.orgId, table.eventName, table.correlationKey)
      .where(sql`${table.closedAt} is null`),
  ],
);

/**
 * Which event is to be brought to which step. Triggers write a row when an event or a wait comes, whichever is second,
 * in the transaction that brings it. Without a foreign key to runs: its lock would meet that of the projection.
 */
export const eventDeliveries = pgTable(
  'event_deliveries',
  {
    orgId: orgId(),
    eventRow: text('event_row')
      .notNull()
      .references(() => events.id, { onDelete: 'cascade' }),
    runId: text('run_id').notNull(),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    /** `taken`: no step of this run gets it again. `passed_over`: this step does not want it. */
    status: text('status', { enum: ['pending', 'taken', 'passed_over'] })
      .notNull()
      .default('pending'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at').notNull().defaultNow(),
    lastError: text('last_error'),
    createdAt: createdAt(),
    settledAt: moment('settled_at'),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.path, table.ordinal, table.eventRow] }),
    index('event_deliveries_event').on(table.eventRow, table.runId),
    index('event_deliveries_due').on(table.nextAttemptAt).where(sql`${table.status} = 'pending'`),
  ],
);
