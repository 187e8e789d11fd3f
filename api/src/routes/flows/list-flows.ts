import { flowListSchema, listFlowsQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listFlows as list } from '../../services/flows/list-flows.ts';

export const listFlows = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/flows',
    operationId: 'listFlows',
    tags: ['Flows'],
    summary: 'Lists flows, newest first',

    ...allowOn('flow', 'flows:read'),
    request: { query: listFlowsQuerySchema },
    responses: { 200: reply('A page of flows.', flowListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
