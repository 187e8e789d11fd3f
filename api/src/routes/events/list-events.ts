import { listEventsQuerySchema, outsideEventListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listEvents as list } from '../../services/events/list-events.ts';

export const listEvents = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/events',
    operationId: 'listEvents',
    tags: ['Events'],
    summary: 'Lists events, newest first, with the runs that took them',
    ...allow('deliveries:read'),
    request: { query: listEventsQuerySchema },
    responses: { 200: reply('A page of events.', outsideEventListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
