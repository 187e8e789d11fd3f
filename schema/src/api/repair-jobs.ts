import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import { deadLetterIdSchema, flowIdSchema, repairJobIdSchema, runIdSchema } from '../ids.ts';
import { fingerprintSchema } from './dead-letters.ts';
import { actorSchema, momentSchema, pageOf, pageQuery } from './values.ts';

const common = {
  canary: z.boolean().default(true).meta({
    description: 'One run first; the rest only when its step has succeeded. Otherwise nothing else is touched.',
  }),
  ratePerSecond: z.int().min(1).max(20).default(5).meta({ description: 'How many runs per second, at most.' }),
  requestId: z
    .string()
    .min(8)
    .max(100)
    .optional()
    .meta({ description: 'Makes the job idempotent; without it the request id is taken.' }),
  comment: z.string().max(500).optional(),
};

/** What is to be done with every open letter of a group. */
export const groupRepairRequestSchema = z
  .discriminatedUnion('action', [
    z.strictObject({
      action: z.literal('retry'),
      edit: z.record(z.string(), jsonSchema).optional().meta({
        description:
          "A JSON Merge Patch (RFC 7396) for each letter's own input. An edited step counts as a new effect in every run.",
      }),
      doubtful: z.enum(['leave', 'repeat']).default('leave').meta({
        description:
          'Letters whose effect may have happened (or, with an edit, has happened): `leave` keeps them out, `repeat` takes them too.',
      }),
      ...common,
    }),
    z.strictObject({ action: z.literal('complete'), output: jsonSchema, ...common }),
    z.strictObject({ action: z.literal('skip'), ...common }),
    z.strictObject({ action: z.literal('fail'), ...common }),
  ])
  .meta({ id: 'GroupRepairRequest' });

/** What a repair of a group would do, in numbers. */
export const repairPreviewSchema = z
  .object({
    letters: z.int().meta({ description: 'Steps that it would repair.' }),
    runs: z.int().meta({ description: 'In so many runs.' }),
    left: z.int().meta({ description: 'Letters it would leave alone, because their effect may have happened.' }),
    effects: z
      .object({ none: z.int(), failed: z.int(), unsure: z.int(), confirmed: z.int() })
      .meta({ description: 'What is known of the last effect of each letter it would repair.' }),
    repeated: z.int().meta({ description: 'Effects among them that may happen a second time.' }),
    canary: z
      .object({ deadLetterId: deadLetterIdSchema, runId: runIdSchema })
      .nullable()
      .meta({ description: 'Which goes first.' }),
    words: z.string().meta({ description: 'The same in a sentence.' }),
  })
  .meta({ id: 'RepairPreview' });

export const repairJobStatusSchema = z.enum(['canary', 'running', 'done', 'stopped', 'cancelled']);

export const repairOutcomeSchema = z.enum([
  'waiting',
  'sending',
  'sent',
  'repaired',
  'failed_again',
  'refused',
  'skipped',
  'untouched',
]);

export const repairJobSchema = z
  .object({
    id: repairJobIdSchema,
    fingerprint: fingerprintSchema,
    flowId: flowIdSchema,
    flowName: z.string(),
    stepId: z.string(),
    failureName: z.string(),
    action: z.enum(['retry', 'complete', 'skip', 'fail']),
    isEdited: z.boolean(),
    comment: z.string().nullable(),
    status: repairJobStatusSchema.meta({
      description: '`canary`: the first run is under way. `stopped`: it failed again, and the rest is untouched.',
    }),
    reason: z.string().nullable().meta({ description: 'Why it was stopped, or what keeps it from going on.' }),
    ratePerSecond: z.int(),
    requestId: z.string(),
    requestedBy: actorSchema,
    cancelledBy: z.string().nullable(),
    counts: z.object({
      total: z.int(),
      waiting: z.int(),
      underWay: z.int().meta({ description: 'Repaired, and their steps are running.' }),
      repaired: z.int(),
      failedAgain: z.int(),
      refused: z.int(),
      skipped: z.int().meta({ description: 'Somebody else had decided them.' }),
      untouched: z.int().meta({ description: 'The job ended before them.' }),
    }),
    preview: repairPreviewSchema,
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable().meta({ description: 'Since then no further letter is begun.' }),
    settledAt: momentSchema.nullable().meta({ description: 'Since then nothing of it is under way.' }),
  })
  .meta({ id: 'RepairJob' });

export const repairJobListSchema = pageOf(repairJobSchema).meta({ id: 'RepairJobList' });

export const listRepairJobsQuerySchema = z.object({ ...pageQuery, fingerprint: fingerprintSchema.optional() });

export const repairJobLetterSchema = z
  .object({
    position: z.int(),
    deadLetterId: deadLetterIdSchema,
    runId: runIdSchema,
    runUrl: z.url(),
    path: z.string(),
    ordinal: z.int(),
    outcome: repairOutcomeSchema,
    detail: z.string().nullable(),
    sentAt: momentSchema.nullable(),
    settledAt: momentSchema.nullable(),
  })
  .meta({ id: 'RepairJobLetter' });

export const repairJobLetterListSchema = pageOf(repairJobLetterSchema).meta({ id: 'RepairJobLetterList' });

export const listRepairJobLettersQuerySchema = z.object({ ...pageQuery, outcome: repairOutcomeSchema.optional() });

export type GroupRepair = z.output<typeof groupRepairRequestSchema>;
export type GroupRepairRequest = z.input<typeof groupRepairRequestSchema>;
export type RepairJob = z.infer<typeof repairJobSchema>;
export type RepairJobLetter = z.infer<typeof repairJobLetterSchema>;
export type RepairPreview = z.infer<typeof repairPreviewSchema>;
