import * as z from 'zod';
import { flowGraphSchema, jsonSchema } from '../flow/graph.ts';
import { approvalIdSchema, deliveryIdSchema, flowIdSchema, runIdSchema, triggerIdSchema } from '../ids.ts';
import { runStatuses, stepStatuses } from '../run/status.ts';
import { momentSchema, oneOrMany, pageOf, pageQuery } from './values.ts';

export const failureSchema = z
  .object({
    name: z.string(),
    message: z.string(),
    advice: z.string().optional(),
    attempt: z.int().optional(),
    stack: z.string().optional(),
    unsure: z.boolean().optional().meta({ description: 'The outside world may have changed without our knowing.' }),
  })
  .meta({ id: 'Failure' });

/** Something a step used: tokens, USD. Summed over every attempt, since a failed one is charged too. */
const meterSchema = z.object({ meter: z.string(), unit: z.string(), amount: z.number() }).meta({ id: 'Meter' });

const metered = {
  meters: z.array(meterSchema).meta({ description: 'What was used, by name: `inputTokens`, `outputTokens`.' }),
  costUsd: z
    .number()
    .nullable()
    .meta({ description: 'The sum of its USD, by list prices of the day: an estimate. `null`: nothing has a price.' }),
};

const runFields = {
  id: runIdSchema,
  flowId: flowIdSchema,
  flowName: z.string(),
  flowVersion: z.int(),
  status: z.enum(runStatuses),
  triggerKind: z.string(),
  startedBy: z.string().nullable(),
  failure: failureSchema.nullable(),
  createdAt: momentSchema,
  startedAt: momentSchema.nullable(),
  finishedAt: momentSchema.nullable(),
  updatedAt: momentSchema,
  url: z.url().meta({ description: 'The page of this run.' }),
};

export const runSummarySchema = z.object(runFields).meta({ id: 'RunSummary' });

export const runStepSchema = z
  .object({
    path: z.string(),
    stepId: z.string(),
    title: z.string(),
    kind: z.string(),
    status: z.enum(stepStatuses),
    ordinal: z.int().meta({ description: 'Rises by one each time a person schedules the step again.' }),
    attempts: z.int(),
    input: jsonSchema.optional(),
    output: jsonSchema.optional(),
    failure: failureSchema.nullable(),
    startedAt: momentSchema.nullable(),
    finishedAt: momentSchema.nullable(),
    dueAt: momentSchema.nullable().meta({ description: 'When it goes on: a timer, or the next attempt.' }),
    waitsFor: z
      .union([
        z.object({ type: z.literal('event'), event: z.string(), correlationKey: z.string() }),
        z.object({ type: z.literal('approval'), approvalId: approvalIdSchema }),
      ])
      .optional()
      .meta({ description: 'What it waits for from outside.' }),
    ...metered,
  })
  .meta({ id: 'RunStep' });

export const runAttemptSchema = z
  .object({
    path: z.string(),
    ordinal: z.int(),
    attempt: z.int(),
    status: z.enum(['running', 'succeeded', 'failed', 'deferred', 'cancelled']),
    startedAt: momentSchema,
    finishedAt: momentSchema.nullable(),
    nextAttemptAt: momentSchema.nullable(),
    failure: failureSchema.nullable(),
  })
  .meta({ id: 'RunAttempt' });

export const runLogSchema = z
  .object({
    id: z.int(),
    at: momentSchema,
    level: z.enum(['info', 'warn', 'error']),
    path: z.string().nullable(),
    message: z.string(),
    attributes: z.record(z.string(), jsonSchema),
  })
  .meta({ id: 'RunLog' });

const childRunSchema = z
  .object({
    path: z.string().meta({ description: 'The step that started it.' }),
    ordinal: z.int(),
    runId: runIdSchema,
    flowName: z.string(),
    status: z.enum(runStatuses),
    waitedFor: z.boolean(),
  })
  .meta({ id: 'ChildRun' });

/** Everything the page of a run shows, read from Postgres alone: it works with Temporal stopped. */
export const runSchema = z
  .object({
    ...runFields,
    engineVersion: z.int(),
    planVersion: z.int(),
    planHash: z.string(),
    graph: flowGraphSchema.meta({ description: 'The drawing of the version that this run executes.' }),
    trigger: z.object({
      id: triggerIdSchema.nullable(),
      nodeId: z.string(),
      kind: z.string(),
      deliveryId: deliveryIdSchema.nullable(),
      data: jsonSchema.optional(),
    }),
    output: jsonSchema.optional(),
    steps: z.array(runStepSchema),
    ...metered,
    attempts: z.array(runAttemptSchema),
    logs: z.array(runLogSchema).meta({ description: 'The first 200 lines; the rest at `/v1/runs/{runId}/logs`.' }),
    requestId: z.string().nullable(),
    rootRunId: runIdSchema,
    forkOfRunId: runIdSchema.nullable(),
    rerunOfRunId: runIdSchema.nullable(),
    parent: z
      .object({ runId: runIdSchema, path: z.string(), ordinal: z.int() })
      .nullable()
      .meta({ description: 'The step of another run that started this one as a sub-flow.' }),
    children: z
      .array(childRunSchema)
      .meta({ description: 'Runs of its sub-flows, by step and ordinal: the newest 500.' }),
    workflowId: z.string(),
    temporalRunId: z.string().nullable(),
    temporalUrl: z.url().nullable().meta({ description: 'The same run in the Temporal UI.' }),
    dispatch: z.object({ attempts: z.int(), nextAttemptAt: momentSchema.nullable() }),
  })
  .meta({ id: 'Run' });

/** Postgres has no year 0. */
const searchMomentSchema = momentSchema.refine(
  (moment) => new Date(moment).getUTCFullYear() > 0,
  'Write a moment of the year 1 or later.',
);

export const listRunsQuerySchema = z.object({
  ...pageQuery,
  status: oneOrMany(z.enum(runStatuses)).optional(),
  flowId: oneOrMany(flowIdSchema).optional(),
  from: searchMomentSchema.optional().meta({ description: 'Created at or after this moment.' }),
  to: searchMomentSchema.optional().meta({ description: 'Created before this moment.' }),
  text: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .optional()
    .meta({ description: 'Part of the flow name, a run id, a request id, or the name or message of the failure.' }),
});

export const runListSchema = pageOf(runSummarySchema).meta({ id: 'RunList' });
export const runStepListSchema = z.object({ items: z.array(runStepSchema) }).meta({ id: 'RunStepList' });
export const runAttemptListSchema = z.object({ items: z.array(runAttemptSchema) }).meta({ id: 'RunAttemptList' });
export const runLogListSchema = pageOf(runLogSchema).meta({ id: 'RunLogList' });

export const startRunRequestSchema = z
  .strictObject({ input: jsonSchema.optional().meta({ description: 'Read by expressions as `trigger.body`.' }) })
  .meta({ id: 'StartRunRequest' });

export const rerunRequestSchema = z
  .strictObject({
    version: z
      .enum(['same', 'live'])
      .default('same')
      .meta({ description: '`same`: the version that the run executed. `live`: the one that is live now.' }),
  })
  .meta({ id: 'RerunRequest' });

/** What a webhook and a start by API answer. */
export const startedRunSchema = z
  .object({ runId: runIdSchema, url: z.url().meta({ description: 'The page of this run.' }) })
  .meta({ id: 'StartedRun' });

const repairFields = {
  requestId: z
    .string()
    .min(8)
    .max(100)
    .optional()
    .meta({ description: 'Makes the repair idempotent; without it the request id is taken.' }),
  comment: z.string().max(500).optional(),
  letter: z
    .strictObject({ path: z.string().min(1).max(400), ordinal: z.int().min(1) })
    .optional()
    .meta({ description: 'The dead letter it is for: refused as `dead_letter_closed` once somebody has decided it.' }),
};
const pathSchema = z.string().min(1).max(400).meta({ description: 'The step, as the run names it: `send`.' });

/** The five repairs of a run. */
export const repairRequestSchema = z
  .discriminatedUnion('action', [
    z.strictObject({
      action: z.literal('retryStep'),
      path: pathSchema,
      input: jsonSchema.optional().meta({ description: 'Replaces the input; the step then counts as a new effect.' }),
      ...repairFields,
    }),
    z.strictObject({ action: z.literal('completeStep'), path: pathSchema, output: jsonSchema, ...repairFields }),
    z.strictObject({ action: z.literal('skipStep'), path: pathSchema, ...repairFields }),
    z.strictObject({ action: z.literal('failRun'), ...repairFields }),
    z.strictObject({ action: z.literal('cancelRun'), ...repairFields }),
  ])
  .meta({ id: 'RepairRequest' });

export const repairReplySchema = z
  .object({ runId: runIdSchema, action: z.string(), requestId: z.string(), status: z.string() })
  .meta({ id: 'RepairReply' });

export type RunSummary = z.infer<typeof runSummarySchema>;
export type RunList = z.infer<typeof runListSchema>;
export type RunStep = z.infer<typeof runStepSchema>;
export type RunAttempt = z.infer<typeof runAttemptSchema>;
export type Meter = z.infer<typeof meterSchema>;
export type RunLog = z.infer<typeof runLogSchema>;
export type Run = z.infer<typeof runSchema>;
export type ListRunsQuery = z.output<typeof listRunsQuerySchema>;
export type StartedRun = z.infer<typeof startedRunSchema>;
export type Rerun = z.output<typeof rerunRequestSchema>;
export type RunRepair = z.infer<typeof repairRequestSchema>;
export type RunRepairReply = z.infer<typeof repairReplySchema>;
