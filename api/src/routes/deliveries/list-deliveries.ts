import { deliveryListSchema, listDeliveriesQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listDeliveries as list } from '../../services/deliveries/list-deliveries.ts';

export const listDeliveries = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/deliveries',
    operationId: 'listDeliveries',
    tags: ['Deliveries'],
    summary: 'Lists the inbox, newest first',

    ...allowOn('flow', 'deliveries:read'),
    request: { query: listDeliveriesQuerySchema },
    responses: { 200: reply('A page of deliveries.', deliveryListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
