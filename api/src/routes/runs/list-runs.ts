import { listRunsQuerySchema, runListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listRuns as list } from '../../services/runs/list-runs.ts';

export const listRuns = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs',
    operationId: 'listRuns',
    tags: ['Runs'],
    summary: 'Lists runs, newest first',

    ...allowOn('flow', 'runs:read'),
    request: { query: listRunsQuerySchema },
    responses: { 200: reply('A page of runs.', runListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
