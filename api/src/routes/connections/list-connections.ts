import { connectionListSchema, listConnectionsQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listConnections as list } from '../../services/connections/list-connections.ts';

export const listConnections = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/connections',
    operationId: 'listConnections',
    tags: ['Connections'],
    summary: 'Lists connections, newest first',

    ...allowOn('connection', 'connections:read'),
    request: { query: listConnectionsQuerySchema },
    responses: { 200: reply('A page of connections.', connectionListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
