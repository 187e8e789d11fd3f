import * as z from 'zod';

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

export type Health = z.infer<typeof healthSchema>;
export type Readiness = z.infer<typeof readinessSchema>;
