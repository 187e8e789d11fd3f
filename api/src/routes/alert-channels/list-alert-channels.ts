import { alertChannelListSchema, listAlertChannelsQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listAlertChannels as listAlertChannelsOfOrg } from '../../services/alerts/alert-channels.ts';

export const listAlertChannels = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/alert-channels',
    operationId: 'listAlertChannels',
    tags: ['Alerts'],
    summary: 'Lists the places that hear of dead letters',
    ...allow('alerts:manage'),
    request: { query: listAlertChannelsQuerySchema },
    responses: {
      200: reply('A page of channels, oldest first.', alertChannelListSchema),
      ...problems(400, 401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await listAlertChannelsOfOrg(contextOf(c), c.req.valid('query')), 200),
});
