import { startedRunSchema } from '@everwave/schema/api';
import { deliveryIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { replayDelivery as replay } from '../../services/deliveries/replay-delivery.ts';

export const replayDelivery = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/deliveries/{deliveryId}/replay',
    operationId: 'replayDelivery',
    tags: ['Deliveries'],
    summary: 'Runs a held delivery now',

    ...allowOn('flow', 'deliveries:replay'),
    request: { params: z.object({ deliveryId: deliveryIdSchema }) },
    responses: {
      202: reply('Accepted: the run is stored and will start.', startedRunSchema),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  handler: async (c) => c.json(await replay(contextOf(c), c.req.valid('param').deliveryId), 202),
});
