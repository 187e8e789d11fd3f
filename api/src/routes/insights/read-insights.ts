import { insightsQuerySchema, insightsSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readInsights as read } from '../../services/insights/read-insights.ts';

export const readInsights = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/insights',
    operationId: 'readInsights',
    tags: ['Insights'],
    summary: 'Tells how runs, flows and nodes did in the last days: counts, rates, durations, cost',
    ...allowOn('flow', 'runs:read'),
    request: { query: insightsQuerySchema },
    responses: {
      200: reply('Statistics of the runs that began in the window.', insightsSchema),
      ...problems(400, 401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await read(contextOf(c), c.req.valid('query')), 200),
});
