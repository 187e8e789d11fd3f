import * as z from 'zod';
import { jsonSchema } from '../flow/graph.ts';
import { deadLetterIdSchema, flowIdSchema, runIdSchema } from '../ids.ts';
import { failureSchema } from './runs.ts';
import { momentSchema, oneOrMany, pageOf, pageQuery } from './values.ts';

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
    fingerprint: z.string().meta({ description: 'Equal for failures that want the same repair.' }),
    failure: failureSchema,
    attempts: z.int(),
    input: jsonSchema.optional(),
    openedAt: momentSchema,
    resolvedAt: momentSchema.nullable(),
    resolution: z.enum(['retried', 'completed', 'skipped', 'run_failed', 'run_cancelled', 'expired']).nullable(),
    resolvedBy: z.string().nullable(),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterListSchema = pageOf(deadLetterSchema)
  .extend({ open: z.int().meta({ description: 'How many wait for a person, whatever the filter.' }) })
  .meta({ id: 'DeadLetterList' });

export const listDeadLettersQuerySchema = z.object({
  ...pageQuery,
  state: z.enum(['open', 'resolved']).default('open'),
  flowId: oneOrMany(flowIdSchema).optional(),
  fingerprint: z.string().max(64).optional(),
});

export type DeadLetter = z.infer<typeof deadLetterSchema>;
export type DeadLetterList = z.infer<typeof deadLetterListSchema>;
