import * as z from 'zod';
import { flowIdSchema } from '../ids.ts';
import { runStatuses } from '../run/status.ts';
import { momentSchema } from './values.ts';

export const insightsQuerySchema = z.object({
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(90)
    .default(7)
    .meta({ description: 'How many days up to now, today included; days are those of UTC.' }),
  flowId: flowIdSchema.optional().meta({ description: 'Only the runs of this flow.' }),
});

const count = z.int().nonnegative();
const rate = z.number().min(0).max(1).nullable();
const milliseconds = z.number().nonnegative().nullable();

/** Of the runs that began in the window. Rates and durations are null where nothing has ended yet. */
const runStatistics = {
  runs: count,
  byStatus: z.record(z.enum(runStatuses), count),
  successRate: rate.meta({ description: 'succeeded ÷ (succeeded + failed); cancelled and open runs do not count.' }),
  p50Ms: milliseconds.meta({ description: 'Half of the runs that ended took no longer, from start to end.' }),
  p95Ms: milliseconds,
  usd: z.number().nonnegative().meta({ description: 'What the runs have cost, by list prices: an estimate.' }),
};

export const insightsBucketSchema = z
  .object({ at: momentSchema, ...runStatistics })
  .meta({ id: 'InsightsBucket', description: 'Runs that began in the hour or day that starts at `at`.' });

export const flowInsightsSchema = z
  .object({ flowId: flowIdSchema, flowName: z.string(), ...runStatistics })
  .meta({ id: 'FlowInsights' });

export const nodeInsightsSchema = z
  .object({
    flowId: flowIdSchema,
    flowName: z.string(),
    stepId: z.string(),
    title: z.string(),
    activity: z.string().nullable().meta({ description: '`slack.postMessage@1`; null for a node of the engine.' }),
    steps: count.meta({ description: 'Steps that began.' }),
    failed: count.meta({ description: 'Steps that failed or wait for a person.' }),
    errorRate: rate.meta({ description: 'failed ÷ steps that ended.' }),
    failedAttempts: count,
    p50Ms: milliseconds,
    p95Ms: milliseconds,
    usd: z.number().nonnegative(),
  })
  .meta({ id: 'NodeInsights' });

export const insightsSchema = z
  .object({
    from: momentSchema,
    to: momentSchema,
    bucket: z.enum(['hour', 'day']),
    total: z.object(runStatistics).meta({ id: 'RunStatistics' }),
    series: z.array(insightsBucketSchema).meta({ description: 'Oldest first, without gaps.' }),
    flows: z.array(flowInsightsSchema).meta({ description: 'The 50 flows with the most runs.' }),
    nodes: z.array(nodeInsightsSchema).meta({ description: 'The 100 nodes that fail most; then the slowest.' }),
  })
  .meta({ id: 'Insights' });

export type InsightsQuery = z.infer<typeof insightsQuerySchema>;
export type Insights = z.infer<typeof insightsSchema>;
export type InsightsBucket = z.infer<typeof insightsBucketSchema>;
export type FlowInsights = z.infer<typeof flowInsightsSchema>;
export type NodeInsights = z.infer<typeof nodeInsightsSchema>;
