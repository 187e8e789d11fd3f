import { doublePrecision, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { limitKinds, whenFullChoices } from '../../run/limits.ts';
import { moment, orgId, updatedAt } from './columns.ts';

/** What people have set. `subject`: see `limitSubjects`. Where there is no row, nothing is limited. */
export const limits = pgTable(
  'limits',
  {
    orgId: orgId(),
    subject: text('subject').notNull(),
    kind: text('kind', { enum: limitKinds }).notNull(),
    atOnce: integer('at_once'),
    rateCount: integer('rate_count'),
    rateSeconds: integer('rate_seconds'),
    /** Of steps: how many of the rate may begin at once. */
    burst: integer('burst'),
    /** Of a flow's runs. */
    whenFull: text('when_full', { enum: whenFullChoices }),
    updatedBy: text('updated_by'),
    updatedAt: updatedAt(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.subject, table.kind] })],
);

/** A step that is being executed under a limit. Its worker renews it; that of a worker that died runs out. */
export const stepLeases = pgTable(
  'step_leases',
  {
    orgId: orgId(),
    subject: text('subject').notNull(),
    /** Which step of which run. */
    holder: text('holder').notNull(),
    worker: text('worker').notNull(),
    takenAt: moment('taken_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.subject, table.holder] }),
    index('step_leases_worker').on(table.worker),
  ],
);

/** A step that was told to come back: its turn among those that wait for the same. */
export const stepWaits = pgTable(
  'step_waits',
  {
    orgId: orgId(),
    subject: text('subject').notNull(),
    holder: text('holder').notNull(),
    since: moment('since').notNull(),
    dueAt: moment('due_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.subject, table.holder] })],
);

/** How far a rate is used up, and how long a step takes. */
export const stepPaces = pgTable(
  'step_paces',
  {
    orgId: orgId(),
    subject: text('subject').notNull(),
    /** Unix seconds at which the next step may begin, were there no burst. */
    nextAt: doublePrecision('next_at').notNull().default(0),
    /** Seconds that a step holds its place, on average. */
    heldSeconds: doublePrecision('held_seconds').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.subject] })],
);
