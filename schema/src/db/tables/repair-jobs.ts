import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, createdAt, moment, orgId, updatedAt } from './columns.ts';

export const repairJobStatuses = ['canary', 'running', 'done', 'stopped', 'cancelled'] as const;
export type RepairJobStatus = (typeof repairJobStatuses)[number];

/**
 * What became of one letter of a job. `sending`: the run is being asked, or was when the process died. `sent`: the run
 * has taken the repair and its step runs. `skipped`: somebody else had decided it. `untouched`: the job ended before it.
 */
export const repairOutcomes = [
  'waiting',
  'sending',
  'sent',
  'repaired',
  'failed_again',
  'refused',
  'skipped',
  'untouched',
] as const;
export type RepairOutcome = (typeof repairOutcomes)[number];

/** The repair of a whole group of dead letters: one run first, then the rest. Carried out by whichever api is alive. */
export const repairJobs = pgTable(
  'repair_jobs',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    fingerprint: text('fingerprint').notNull(),
    flowId: text('flow_id').notNull(),
    stepId: text('step_id').notNull(),
    failureName: text('failure_name').notNull(),
    action: text('action', { enum: ['retry', 'complete', 'skip', 'fail'] }).notNull(),
    /** `{ edit }` or `{ output }`, sealed like every value of a step; null when there is neither. */
    valueSealed: bytea('value_sealed'),
    comment: text('comment'),
    status: text('status', { enum: repairJobStatuses }).notNull().default('canary'),
    /** Why it stands where it stands, for people: what the canary died of, or what keeps the job from going on. */
    reason: text('reason'),
    ratePerSecond: integer('rate_per_second').notNull(),
    /** What the person was told before it began. */
    preview: jsonb('preview').$type<Record<string, unknown>>().notNull(),
    requestId: text('request_id').notNull(),
    /** The same request id with another request is refused. */
    requestHash: text('request_hash').notNull(),
    requestedBy: jsonb('requested_by').$type<Record<string, string | null>>().notNull(),
    cancelledBy: text('cancelled_by'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** Set once no further letter will be begun. */
    finishedAt: moment('finished_at'),
    /** Set once nothing of it is under way any more. */
    settledAt: moment('settled_at'),
    /** A process that works on it has it until then. */
    nextAt: moment('next_at').notNull().defaultNow(),
  },
  (table) => [
    // Two operators at once: the second one meets this index.
    uniqueIndex('repair_jobs_open').on(table.orgId, table.fingerprint).where(sql`${table.finishedAt} is null`),
    uniqueIndex('repair_jobs_request').on(table.orgId, table.requestId),
    index('repair_jobs_due').on(table.nextAt).where(sql`${table.settledAt} is null`),
    index('repair_jobs_group').on(table.orgId, table.fingerprint, table.id),
  ],
);

/** One letter of a job, in the order in which they are repaired. */
export const repairJobLetters = pgTable(
  'repair_job_letters',
  {
    orgId: orgId(),
    jobId: text('job_id')
      .notNull()
      .references(() => repairJobs.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    letterId: text('letter_id').notNull(),
    runId: text('run_id').notNull(),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    outcome: text('outcome', { enum: repairOutcomes }).notNull().default('waiting'),
    /** For people: why it was refused or skipped, or what it failed with again. */
    detail: text('detail'),
    sentAt: moment('sent_at'),
    settledAt: moment('settled_at'),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.position] }),
    index('repair_job_letters_letter').on(table.letterId),
    index('repair_job_letters_outcome').on(table.jobId, table.outcome, table.position),
  ],
);
