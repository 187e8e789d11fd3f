import { deliverySchema, unmaskQuery } from '@everwave/schema/api';
import { deliveryIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readDelivery as read } from '../../services/deliveries/list-deliveries.ts';

export const readDelivery = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/deliveries/{deliveryId}',
    operationId: 'readDelivery',
    tags: ['Deliveries'],
    summary: 'Reads a delivery with what it held',

    ...allowOn('flow', 'deliveries:read'),
    request: { params: z.object({ deliveryId: deliveryIdSchema }), query: z.object(unmaskQuery) },
    responses: { 200: reply('The delivery.', deliverySchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) =>
    c.json(await read(contextOf(c), c.req.valid('param').deliveryId, c.req.valid('query').unmask), 200),
});
