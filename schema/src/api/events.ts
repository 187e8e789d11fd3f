import * as z from 'zod';
import { flowIdSchema, runIdSchema } from '../ids.ts';
import { runStatuses, stepStatuses } from '../run/status.ts';
import { momentSchema } from './values.ts';

/** Postgres channel on which a run's change is announced; the payload is a `RunNotice`. */
export const runChannel = 'everwave_runs';

/** `NOTIFY everwave_runs` carries ids only: whoever listens reads the rows under its own rights. */
export const runNoticeSchema = z.object({ orgId: z.string(), runId: z.string() });

export const liveStepSchema = z
  .object({
    path: z.string(),
    stepId: z.string(),
    ordinal: z.int(),
    status: z.enum(stepStatuses),
    attempts: z.int(),
    startedAt: momentSchema.nullable(),
    finishedAt: momentSchema.nullable(),
    dueAt: momentSchema.nullable(),
  })
  .meta({ id: 'LiveStep' });

/**
 * Server-sent event `run`: a run changed. The stream of one run carries its steps' states (values are read with the
 * run itself); the stream of all runs leaves `steps` out.
 */
export const runEventSchema = z
  .object({
    type: z.literal('run'),
    runId: runIdSchema,
    flowId: flowIdSchema,
    status: z.enum(runStatuses),
    seq: z.int(),
    updatedAt: momentSchema,
    steps: z.array(liveStepSchema).optional(),
  })
  .meta({ id: 'RunEvent' });

export type RunNotice = z.infer<typeof runNoticeSchema>;
export type LiveStep = z.infer<typeof liveStepSchema>;
export type RunEvent = z.infer<typeof runEventSchema>;
