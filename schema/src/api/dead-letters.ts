import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import { deadLetterIdSchema, flowIdSchema, repairJobIdSchema, runIdSchema } from '../ids.ts';
import { failureSchema, keptValueSchema } from './runs.ts';
import { momentSchema, oneOrMany, pageOf, pageQuery } from './values.ts';

/** `open`: waits for a person. `dismissed`: waits too, but a person took it out of the inbox. `resolved`: decided. */
export const deadLetterStateSchema = z.enum(['open', 'dismissed', 'resolved']);

/** A step whose attempts are used up and that waits, or waited, for a person. */
export const deadLetterSchema = z
  .object({
    id: deadLetterIdSchema,
    runId: runIdSchema,
    runUrl: z.url(),
    flowId: flowIdSchema,
    flowName: z.string(),
    path: z.string(),
    stepId: z.string(),
    ordinal: z.int(),
    fingerprint: z.string().meta({ description: 'Equal for failures that want the same repair: the id of the group.' }),
    failure: failureSchema,
    attempts: z.int(),
    input: jsonSchema.optional(),
    inputReference: keptValueSchema.optional().meta({ description: 'In place of `input`: it is large.' }),
    openedAt: momentSchema,
    resolvedAt: momentSchema.nullable(),
    resolution: z
      .enum(['retried', 'completed', 'skipped', 'run_failed', 'run_cancelled', 'expired', 'superseded'])
      .nullable(),
    resolvedBy: z.string().nullable(),
    dismissal: z
      .object({ at: momentSchema, by: z.string(), reason: z.string() })
      .nullable()
      .meta({ description: 'Who took it out of the inbox, and why; its run may still wait.' }),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterListSchema = pageOf(deadLetterSchema)
  .extend({ open: z.int().meta({ description: 'How many stand in the inbox, whatever the filter.' }) })
  .meta({ id: 'DeadLetterList' });

export const fingerprintSchema = z.string().regex(/^[0-9a-f]{64}$/, 'A fingerprint has 64 hexadecimal digits.');

export const listDeadLettersQuerySchema = z.object({
  ...pageQuery,
  state: deadLetterStateSchema.default('open'),
  flowId: oneOrMany(flowIdSchema).optional(),
  fingerprint: z.string().max(64).optional(),
});

/**
 * What the step's last effect on the outside world is known to be. `none`: nothing was sent. `failed`: it was refused.
 * `unsure`: it may have happened. `confirmed`: it happened.
 */
export const effectKnowledgeSchema = z.enum(['none', 'failed', 'unsure', 'confirmed']);

export const deadLetterDetailSchema = deadLetterSchema
  .extend({
    stepTitle: z.string(),
    nodeKind: z.string().nullable(),
    effect: effectKnowledgeSchema,
    repairJobId: repairJobIdSchema.nullable().meta({ description: 'The open repair of its group, if there is one.' }),
  })
  .meta({ id: 'DeadLetterDetail' });

/** Dead letters of one flow, node and failure name. */
export const deadLetterGroupSchema = z
  .object({
    fingerprint: fingerprintSchema,
    flowId: flowIdSchema,
    flowName: z.string(),
    stepId: z.string(),
    stepTitle: z.string(),
    nodeKind: z.string().nullable(),
    failure: failureSchema.meta({ description: 'Of the newest letter.' }),
    letters: z.int().meta({ description: 'How many are in the state that was asked for.' }),
    runs: z.int().meta({ description: 'In how many runs.' }),
    firstSeenAt: momentSchema,
    lastSeenAt: momentSchema,
    repairJobId: repairJobIdSchema.nullable().meta({ description: 'Its open repair, if there is one.' }),
  })
  .meta({ id: 'DeadLetterGroup' });

export const deadLetterGroupListSchema = pageOf(deadLetterGroupSchema)
  .extend({ open: z.int().meta({ description: 'How many letters stand in the inbox, whatever the filter.' }) })
  .meta({ id: 'DeadLetterGroupList' });

export const listDeadLetterGroupsQuerySchema = z.object({
  ...pageQuery,
  state: deadLetterStateSchema.default('open'),
  flowId: oneOrMany(flowIdSchema).optional(),
  failure: z.string().min(1).max(120).optional().meta({ description: 'Name of the failure.' }),
});

export const deadLetterGroupDetailSchema = deadLetterGroupSchema
  .omit({ letters: true, runs: true })
  .extend({
    counts: z.object({ open: z.int(), dismissed: z.int(), resolved: z.int() }),
    letters: pageOf(deadLetterSchema),
  })
  .meta({ id: 'DeadLetterGroupDetail' });

export const readDeadLetterGroupQuerySchema = z.object({
  ...pageQuery,
  state: deadLetterStateSchema.default('open').meta({ description: 'Which of its letters are listed.' }),
});

export const dismissRequestSchema = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).meta({ description: 'Why nobody needs to repair it.' }),
    run: z.enum(['wait', 'fail']).default('wait').meta({
      description: '`wait`: the run goes on waiting until its limit. `fail`: it ends as failed, now.',
    }),
  })
  .meta({ id: 'DismissRequest' });

export const dismissedSchema = z
  .object({
    dismissed: z.int().meta({ description: 'How many letters left the inbox.' }),
    repairJobId: repairJobIdSchema.nullable().meta({ description: 'The job that ends their runs, for `fail`.' }),
  })
  .meta({ id: 'Dismissed' });

export const restoredSchema = z
  .object({ restored: z.int().meta({ description: 'How many letters are back in the inbox.' }) })
  .meta({ id: 'Restored' });

export type DeadLetter = z.infer<typeof deadLetterSchema>;
export type DeadLetterDetail = z.infer<typeof deadLetterDetailSchema>;
export type DeadLetterGroup = z.infer<typeof deadLetterGroupSchema>;
export type DeadLetterGroupDetail = z.infer<typeof deadLetterGroupDetailSchema>;
export type DeadLetterGroupList = z.infer<typeof deadLetterGroupListSchema>;
export type DeadLetterList = z.infer<typeof deadLetterListSchema>;
export type DeadLetterState = z.infer<typeof deadLetterStateSchema>;
export type DismissRequest = z.output<typeof dismissRequestSchema>;
export type Dismissed = z.infer<typeof dismissedSchema>;
export type EffectKnowledge = z.infer<typeof effectKnowledgeSchema>;
