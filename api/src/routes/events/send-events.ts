import { sendEventsReplySchema, sendEventsRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { sendEvents as send } from '../../services/events/send-events.ts';

export const sendEvents = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/events',
    operationId: 'sendEvents',
    tags: ['Events'],
    summary: 'Sends events to the runs that wait for them, now or later',
    description:
      'Up to 100 at once, all or none. Every run that waits for an event’s name and correlation key gets it once. One that begins to wait later finds it until it expires.',
    ...allow('events:send'),
    request: jsonBody(sendEventsRequestSchema),
    responses: {
      202: reply('Accepted: the events are stored.', sendEventsReplySchema),
      ...problems(400, 401, 403, 413, 415, 429),
    },
  }),
  handler: async (c) => c.json(await send(contextOf(c), c.req.valid('json')), 202),
});
