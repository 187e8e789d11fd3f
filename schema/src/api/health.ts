import * as z from 'zod';
import { momentSchema } from './values.ts';

export const healthSchema = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });

export const dependencyCheckSchema = z
  .object({ ok: z.boolean(), latencyMs: z.number(), message: z.string().optional() })
  .meta({ id: 'DependencyCheck' });

/** 200 when everything answers, 503 with the same shape when something does not. */
export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    version: z.string(),
    checks: z.object({ postgres: dependencyCheckSchema, temporal: dependencyCheckSchema }),
  })
  .meta({ id: 'Readiness' });

/** A worker as Temporal last heard of it. */
export const workerStatusSchema = z
  .object({ identity: z.string(), queues: z.array(z.string()), lastSeenAt: momentSchema })
  .meta({ id: 'WorkerStatus' });

export const taskQueueStatusSchema = z
  .object({
    queue: z.string(),
    kind: z.enum(['workflow', 'activity']),
    backlog: z.int().meta({ description: 'Tasks that wait for a worker, as Temporal counts them; about.' }),
    oldestMs: z.number(),
    workers: z.int(),
  })
  .meta({ id: 'TaskQueueStatus' });

/** The installation at a glance. What Postgres or Temporal would have told is null when it does not answer. */
export const systemStatusSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    problems: z.array(z.string()).meta({ description: 'What is wrong, in words; empty when all is well.' }),
    version: z.string(),
    upSince: momentSchema.meta({ description: 'When the api process that answers was started.' }),
    checks: z.object({ postgres: dependencyCheckSchema, temporal: dependencyCheckSchema }),
    workers: z.array(workerStatusSchema).nullable(),
    taskQueues: z.array(taskQueueStatusSchema).nullable(),
    mail: z
      .object({
        isSet: z.boolean().meta({ description: 'False when no mail server is set: mails wait for one.' }),
        waiting: z.int(),
        oldestMs: z.number(),
        gaveUp: z.int().meta({ description: 'Mails of the last day that could not be sent.' }),
      })
      .nullable()
      .meta({ description: 'The mails of Everwave itself, such as those with links.' }),
    backlog: z
      .object({
        queuedRuns: z.int(),
        oldestQueuedMs: z.number(),
        pendingDeliveries: z.int(),
        heldDeliveries: z.int(),
        collectingDeliveries: z.int().meta({ description: 'They wait to start a run together with others.' }),
        deadLetters: z.int(),
      })
      .nullable()
      .meta({ description: "Your org's own." }),
  })
  .meta({ id: 'SystemStatus' });

export const unservedQueuesSchema = z
  .object({ items: z.array(z.string()).meta({ description: 'Names of queues.' }) })
  .meta({ id: 'UnservedQueues' });

export type UnservedQueues = z.infer<typeof unservedQueuesSchema>;
export type SystemStatus = z.infer<typeof systemStatusSchema>;
export type Health = z.infer<typeof healthSchema>;
export type Readiness = z.infer<typeof readinessSchema>;
