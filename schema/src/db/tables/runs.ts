import { sql } from 'drizzle-orm';
import { bigserial, boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { type Failure, runStatuses, stepStatuses } from '../../run/status.ts';
import { bytea, createdAt, moment, orgId, updatedAt } from './columns.ts';

/** One execution of a flow. Inserted as `queued` before Temporal hears of it. */
export const runs = pgTable(
  'runs',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    flowId: text('flow_id').notNull(),
    flowVersion: integer('flow_version').notNull(),
    planHash: text('plan_hash').notNull(),
    engineVersion: integer('engine_version').notNull().default(1),
    status: text('status', { enum: runStatuses }).notNull().default('queued'),
    /** Transition counter of the kernel: an older report never overwrites a newer one. */
    seq: integer('seq').notNull().default(0),
    triggerId: text('trigger_id'),
    triggerNodeId: text('trigger_node_id').notNull(),
    triggerKind: text('trigger_kind').notNull(),
    deliveryId: text('delivery_id'),
    startedBy: text('started_by'),
    requestId: text('request_id'),
    /** W3C trace context of the request that made the run, where requests are traced. */
    traceparent: text('traceparent'),
    /** The caller's key of a start by API; see `idempotency_keys`. */
    idempotencyKey: text('idempotency_key'),
    /** Ours, never Temporal's: survives fork and continue-as-new; part of every effect key. */
    rootRunId: text('root_run_id').notNull(),
    /** The run that this one starts again from a step, and that step's path. */
    forkOfRunId: text('fork_of_run_id'),
    forkAt: text('fork_at'),
    /** Counts the forks of one root run, from 1: what runs again in this one has a generation of its own. */
    forkNumber: integer('fork_number'),
    /** Of a root run: the last number that was given to a fork. A sub-flow's fork has its number before it has a row. */
    forksMade: integer('forks_made').notNull().default(0),
    /** A `ForkOf`: with what it is started again. */
    forkSealed: bytea('fork_sealed'),
    /** The fork that goes on in this run's place. */
    supersededByRunId: text('superseded_by_run_id'),
    /** The run whose input this one was started with again: a new effect in everything. */
    rerunOfRunId: text('rerun_of_run_id'),
    /** The step of another run that started this one as a sub-flow. */
    parentRunId: text('parent_run_id'),
    parentPath: text('parent_path'),
    parentOrdinal: integer('parent_ordinal'),
    /** Whether that step waits for the end of this run. */
    parentWaits: boolean('parent_waits'),
    /** Its plan allows that it shares a workflow with others. */
    hostable: boolean('hostable').notNull().default(false),
    /** The run's own workflow: where it runs unless a host has it, and where it is repaired. */
    workflowId: text('workflow_id').notNull(),
    /** The workflow that has this run together with others; null once it runs by itself. Fixed before that is started. */
    hostWorkflowId: text('host_workflow_id'),
    temporalRunId: text('temporal_run_id'),
    triggerSealed: bytea('trigger_sealed').notNull(),
    /** JSON of the variables that it began with; null while it has none. Of a secret one there is only its name. */
    variablesSealed: bytea('variables_sealed'),
    outputSealed: bytea('output_sealed'),
    failure: jsonb('failure').$type<Failure>(),
    createdAt: createdAt(),
    startedAt: moment('started_at'),
    finishedAt: moment('finished_at'),
    updatedAt: updatedAt(),
    /** Dispatch: how often the start was tried, and when next. */
    startAttempts: integer('start_attempts').notNull().default(0),
    nextStartAt: moment('next_start_at').notNull().defaultNow(),
    /** When a place among those that the limits allow became its own; null while it waits for one. */
    placedAt: moment('placed_at').defaultNow(),
    /** The newer run for which it was told to end. */
    replacedByRunId: text('replaced_by_run_id'),
    /** A report came from a part of the run that the projection does not know to be newer: it is to be compared at once. */
    divergedAt: moment('diverged_at'),
    /** When an operator reset the run in Temporal, the last time. */
    resetAt: moment('reset_at'),
    /** Set by the reconciler when the projection was compared with Temporal's history. */
    reconciledAt: moment('reconciled_at'),
  },
  (table) => [
    uniqueIndex('runs_workflow').on(table.workflowId),
    // Ids sort by age, so a list by id is a list by age, with a cursor that no clock can upset.
    index('runs_org').on(table.orgId, table.id),
    index('runs_org_created').on(table.orgId, table.createdAt),
    index('runs_org_flow').on(table.orgId, table.flowId, table.id),
    index('runs_org_status').on(table.orgId, table.status, table.id),
    index('runs_open').on(table.status, table.nextStartAt),
    index('runs_due')
      .on(table.orgId, table.id)
      .where(sql`${table.status} = 'queued' and ${table.placedAt} is not null`),
    index('runs_without_place')
      .on(table.orgId, table.flowId, table.id)
      .where(sql`${table.status} = 'queued' and ${table.placedAt} is null`),
    index('runs_placed').on(table.orgId, table.placedAt),
    index('runs_parent').on(table.parentRunId).where(sql`${table.parentRunId} is not null`),
    index('runs_fork_of').on(table.forkOfRunId).where(sql`${table.forkOfRunId} is not null`),
    uniqueIndex('runs_fork_number').on(table.rootRunId, table.forkNumber).where(sql`${table.forkNumber} is not null`),
    index('runs_host').on(table.hostWorkflowId).where(sql`${table.hostWorkflowId} is not null`),
  ],
);

/** One row per step and ordinal (`send`, then `send~2` after a repair). */
export const runSteps = pgTable(
  'run_steps',
  {
    orgId: orgId(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    generation: integer('generation').notNull().default(1),
    stepId: text('step_id').notNull(),
    status: text('status', { enum: stepStatuses }).notNull(),
    seq: integer('seq').notNull(),
    temporalRunId: text('temporal_run_id').notNull(),
    attempts: integer('attempts').notNull().default(0),
    inputSealed: bytea('input_sealed'),
    outputSealed: bytea('output_sealed'),
    failure: jsonb('failure').$type<Failure>(),
    startedAt: moment('started_at'),
    finishedAt: moment('finished_at'),
    /** When a waiting step goes on, or a retrying one tries again. */
    dueAt: moment('due_at'),
    updatedAt: updatedAt(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.path, table.ordinal] })],
);

/** One row per attempt of an activity: Temporal's history keeps only the last one. */
export const runAttempts = pgTable(
  'run_attempts',
  {
    orgId: orgId(),
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    attempt: integer('attempt').notNull(),
    status: text('status', { enum: ['running', 'succeeded', 'failed', 'deferred', 'cancelled'] }).notNull(),
    startedAt: moment('started_at').notNull(),
    finishedAt: moment('finished_at'),
    nextAttemptAt: moment('next_attempt_at'),
    failure: jsonb('failure').$type<Failure>(),
    worker: text('worker'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.path, table.ordinal, table.attempt] })],
);

/** What happened in a run, in words. Append-only: the database refuses updates and deletes. */
export const runLogs = pgTable(
  'run_logs',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    orgId: orgId(),
    runId: text('run_id').notNull(),
    path: text('path'),
    at: moment('at').notNull().defaultNow(),
    level: text('level', { enum: ['info', 'warn', 'error'] }).notNull(),
    message: text('message').notNull(),
    attributes: jsonb('attributes').$type<Record<string, unknown>>().notNull().default({}),
  },
  (table) => [index('run_logs_run').on(table.runId, table.id)],
);

/** A step whose attempts are used up and that waits for a person. One row per step and ordinal. */
export const deadLetters = pgTable(
  'dead_letters',
  {
    id: text('id').primaryKey(),
    orgId: orgId(),
    runId: text('run_id').notNull(),
    flowId: text('flow_id').notNull(),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    stepId: text('step_id').notNull(),
    /** SHA-256 of flow, node and failure name: equal for failures that want the same repair. */
    fingerprint: text('fingerprint').notNull(),
    failure: jsonb('failure').$type<Failure>().notNull(),
    attempts: integer('attempts').notNull(),
    inputSealed: bytea('input_sealed'),
    openedAt: moment('opened_at').notNull().defaultNow(),
    resolvedAt: moment('resolved_at'),
    resolution: text('resolution', {
      enum: ['retried', 'completed', 'skipped', 'run_failed', 'run_cancelled', 'expired', 'superseded'],
    }),
    resolvedBy: text('resolved_by'),
    /** A person took it out of the inbox although its run still waits. */
    dismissedAt: moment('dismissed_at'),
    dismissedBy: text('dismissed_by'),
    dismissalReason: text('dismissal_reason'),
  },
  (table) => [
    uniqueIndex('dead_letters_step').on(table.runId, table.path, table.ordinal),
    index('dead_letters_group').on(table.orgId, table.fingerprint, table.openedAt, table.id),
    index('dead_letters_open')
      .on(table.orgId, table.fingerprint)
      .where(sql`${table.resolvedAt} is null and ${table.dismissedAt} is null`),
    index('dead_letters_org').on(table.orgId, table.openedAt, table.id),
  ],
);

export const runMeters = pgTable(
  'run_meters',
  {
    orgId: orgId(),
    runId: text('run_id').notNull(),
    path: text('path').notNull(),
    ordinal: integer('ordinal').notNull(),
    attempt: integer('attempt').notNull(),
    /** When that attempt began: one that was asked to come back later has its number a second time. */
    attemptAt: moment('attempt_at').notNull().defaultNow(),
    meter: text('meter').notNull(),
    amount: text('amount').notNull(),
    unit: text('unit').notNull(),
    at: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.path, table.ordinal, table.attempt, table.meter, table.attemptAt] }),
    index('run_meters_org').on(table.orgId, table.at),
  ],
);
