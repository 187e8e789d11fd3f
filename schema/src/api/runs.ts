import * as z from 'zod';
import { flowGraphSchema, jsonSchema } from '../flow/graph.ts';
import { approvalIdSchema, deliveryIdSchema, flowIdSchema, runIdSchema, triggerIdSchema } from '../ids.ts';
import { runStatuses, stepStatuses } from '../run/status.ts';
import { placeWaitSchema } from './limits.ts';
import { permissions } from './permissions.ts';
import { unmaskQuery } from './masked-fields.ts';
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

/** Steps of iterations that are left out. */
const hidden = z.int().min(0).meta({ description: 'Steps of iterations that are left out, of a run with very many.' });

/** Something a step used: tokens, USD. Summed over every attempt, since a failed one is charged too. */
const meterSchema = z.object({ meter: z.string(), unit: z.string(), amount: z.number() }).meta({ id: 'Meter' });

const metered = {
  meters: z.array(meterSchema).meta({ description: 'What was used, by name: `inputTokens`, `outputTokens`.' }),
  costUsd: z
    .number()
    .nullable()
    .meta({ description: 'The sum of its USD, by list prices of the day: an estimate. `null`: nothing has a price.' }),
};

/** What stands in place of a value that is too large to be shown. */
export const keptValueSchema = z
  .object({
    ref: z.string().nullable().meta({ description: 'The value in the store.' }),
    bytes: z.int().nullable().meta({ description: 'Of its JSON.' }),
    sha256: z.string().nullable().meta({ description: 'Hexadecimal, of its JSON as UTF-8.' }),
    preview: z.string().meta({
      description: 'The first characters of its JSON; where the others are null, of the template that gives it.',
    }),
  })
  .meta({ id: 'KeptValue' });

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
    inputReference: keptValueSchema
      .optional()
      .meta({ description: 'In place of `input`: it is large. Read it at …/input.' }),
    output: jsonSchema.optional(),
    outputReference: keptValueSchema
      .optional()
      .meta({ description: 'In place of `output`: it is large. Read it at …/output.' }),
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
    may: z.array(z.enum(permissions)).meta({ description: 'What you may do with this run, as with its flow.' }),
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
    outputReference: keptValueSchema
      .optional()
      .meta({ description: 'In place of `output`: it is large. Read it at `/v1/runs/{runId}/output`.' }),
    steps: z.array(runStepSchema).meta({
      description:
        'In the order they began. Of a run with more than 2,000: what stands in no loop, the first 50 iterations of each, what fails, runs or waits, and the iteration of the step asked for.',
    }),
    hiddenSteps: hidden,
    ...metered,
    attempts: z.array(runAttemptSchema),
    logs: z.array(runLogSchema).meta({ description: 'The first 200 lines; the rest at `/v1/runs/{runId}/logs`.' }),
    requestId: z.string().nullable(),
    rootRunId: runIdSchema,
    forkOfRunId: runIdSchema.nullable().meta({ description: 'The run that this one starts again from a step.' }),
    forkAt: z.string().nullable().meta({ description: 'The path of that step.' }),
    supersededByRunId: runIdSchema.nullable().meta({ description: "The fork that goes on in this run's place." }),
    forks: z
      .array(z.object({ id: runIdSchema, at: z.string(), status: z.enum(runStatuses), createdAt: momentSchema }))
      .meta({ description: 'Runs that start this one again, newest first; at most 20.' }),
    resetAt: momentSchema
      .nullable()
      .meta({ description: 'When an operator reset the run in Temporal, the last time.' }),
    rerunOfRunId: runIdSchema.nullable(),
    replacedByRunId: runIdSchema.nullable().meta({ description: 'The newer run for which this one was told to end.' }),
    placeWait: placeWaitSchema.nullable(),
    parent: z
      .object({
        runId: runIdSchema,
        path: z.string(),
        ordinal: z.int(),
        waits: z.boolean().meta({ description: 'Whether the step waits for the end of this run.' }),
      })
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
/** Which iteration is wanted of a run that has more steps than are shown at once. */
export const besideSchema = z.object({
  ...unmaskQuery,
  step: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'Path of a step, such as `each[4321].send`: its iteration is shown in any case.' }),
});
export const runStepListSchema = z.object({ items: z.array(runStepSchema), hidden }).meta({ id: 'RunStepList' });
export const runAttemptListSchema = z.object({ items: z.array(runAttemptSchema) }).meta({ id: 'RunAttemptList' });
export const runLogListSchema = pageOf(runLogSchema).meta({ id: 'RunLogList' });

/** Whatever JSON a step or a run has given. */
export const wholeValueSchema = jsonSchema;

export const stepValueQuerySchema = z.object({
  ...unmaskQuery,
  ordinal: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: 'Which time the step was scheduled; the last one when absent.' }),
});

export const runFileSchema = z
  .object({
    name: z.string(),
    mediaType: z.string(),
    bytes: z.int(),
    sha256: z
      .string()
      .meta({ description: 'Hexadecimal, of its content; its name in `/v1/runs/{runId}/files/{sha256}`.' }),
    runId: runIdSchema.meta({ description: 'The run whose step made it: this one, or one of a sub-flow in it.' }),
    path: z.string().meta({ description: 'The step that made it.' }),
    ordinal: z.int(),
    createdAt: momentSchema,
  })
  .meta({ id: 'RunFile' });

export const runFileListSchema = pageOf(runFileSchema);

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

const versionSchema = (own: 'own' | null) =>
  z.union([...(own ? [z.literal(own)] : []), z.literal('live'), z.int().min(1).max(2_147_483_647)]);

/** How a run is started again from one of its steps. */
export const forkRequestSchema = z
  .strictObject({
    from: z.string().min(1).max(400).meta({ description: 'The step, as the run names it: `send`, `each[7].send`.' }),
    outputs: z
      .record(z.string().max(400), jsonSchema)
      .default({})
      .meta({ description: 'What steps before it gave, by path, in place of what is recorded.' }),
    input: jsonSchema.optional().meta({ description: "Replaces the step's own input." }),
    version: versionSchema('own')
      .default('own')
      .meta({ description: "`own`: the run's version. `live`: the one that is live now. Or a number." }),
    accept: z
      .array(z.string().min(1).max(400))
      .max(1_000)
      .default([])
      .meta({ description: 'Effects that may happen again: paths of steps, of a frame around them, or step ids.' }),
  })
  .meta({ id: 'ForkRequest' });

const versionVerdict = {
  flowVersion: z.int().meta({ description: 'The version that the run would execute.' }),
  fits: z.boolean(),
};

/** What a fork would do. */
export const forkPreviewSchema = z
  .object({
    runId: runIdSchema,
    from: z.string(),
    ...versionVerdict,
    problems: z
      .array(z.object({ code: z.string(), path: z.string(), message: z.string() }))
      .meta({ description: 'Why it is not possible. Empty when it fits.' }),
    differences: z
      .array(z.object({ code: z.string(), stepId: z.string(), message: z.string() }))
      .meta({ description: 'What is kept although the version has it otherwise.' }),
    again: z
      .array(z.object({ path: z.string(), stepId: z.string(), title: z.string() }))
      .meta({ description: 'Steps that have run, and run again. At most 500.' }),
    counts: z
      .object({
        again: z.int().min(0).meta({ description: 'How many steps that have run run again.' }),
        stands: z.int().min(0).meta({ description: 'How many steps have ended and are taken over as they are.' }),
        loops: z
          .array(
            z.object({
              path: z.string(),
              title: z.string(),
              items: z.int().min(0),
              again: z.int().min(0).meta({ description: 'Items of which something runs again.' }),
            }),
          )
          .meta({ description: 'Loops over items around the step, the outermost first.' }),
      })
      .meta({ description: 'What runs again and what stands, in numbers.' }),
    effects: z
      .array(
        z.object({
          path: z.string(),
          stepId: z.string(),
          title: z.string(),
          state: z.enum(['confirmed', 'sent', 'unsure', 'underWay', 'undone']),
          isKept: z
            .boolean()
            .meta({ description: 'The step stands, and does nothing again although that was undone.' }),
          at: momentSchema,
        }),
      )
      .meta({
        description:
          'What has or may have happened outside, and would happen again; and what stands although it was undone. Each is to be accepted. A step inside a sub-flow is named `ship/send`.',
      }),
    supersedes: z.boolean().meta({ description: 'The run is open: it would end in favour of the new one.' }),
  })
  .meta({ id: 'ForkPreview' });

export const migrateRequestSchema = z
  .strictObject({
    version: versionSchema(null)
      .default('live')
      .meta({ description: '`live`: the version that is live now. Or a number.' }),
    requestId: z.string().min(8).max(100).optional().meta({ description: 'Makes it idempotent.' }),
  })
  .meta({ id: 'MigrateRequest' });

export const migratePreviewSchema = z
  .object({
    runId: runIdSchema,
    ...versionVerdict,
    problems: z
      .array(z.object({ code: z.string(), stepId: z.string().optional(), message: z.string() }))
      .meta({ description: 'Why the run cannot go on under that version, step by step. Empty when it fits.' }),
  })
  .meta({ id: 'MigratePreview' });

/** The versions of a run's flow, the newest first, and of each whether the run can go on under it. */
export const migrationListSchema = pageOf(
  migratePreviewSchema.extend({
    note: z.string(),
    publishedAt: momentSchema,
    live: z.boolean(),
  }),
).meta({ id: 'MigrationList' });

export const listMigrationsQuerySchema = z.object({
  ...pageQuery,
  limit: z.coerce.number().int().min(1).max(20).default(10).meta({ description: 'The run is asked about each.' }),
});

export const migrateReplySchema = z
  .object({ runId: runIdSchema, flowVersion: z.int(), status: z.string() })
  .meta({ id: 'MigrateReply' });

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
      edit: jsonSchema.optional().meta({
        description:
          'In place of `input`: a JSON Merge Patch of the input that the step had. What is kept outside of the run stays there.',
      }),
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
export type RunFile = z.infer<typeof runFileSchema>;
export type KeptValue = z.infer<typeof keptValueSchema>;
export type Meter = z.infer<typeof meterSchema>;
export type RunLog = z.infer<typeof runLogSchema>;
export type Run = z.infer<typeof runSchema>;
export type ListRunsQuery = z.output<typeof listRunsQuerySchema>;
export type StartedRun = z.infer<typeof startedRunSchema>;
export type Rerun = z.output<typeof rerunRequestSchema>;
export type RunRepair = z.infer<typeof repairRequestSchema>;
export type RunFork = z.output<typeof forkRequestSchema>;
export type ForkPreview = z.infer<typeof forkPreviewSchema>;
export type RunMigration = z.output<typeof migrateRequestSchema>;
export type MigrationList = z.infer<typeof migrationListSchema>;
export type MigratePreview = z.infer<typeof migratePreviewSchema>;
export type RunMigrationReply = z.infer<typeof migrateReplySchema>;
export type RunRepairReply = z.infer<typeof repairReplySchema>;
