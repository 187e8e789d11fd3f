import { alertChannelSchema, updateAlertChannelRequestSchema } from '@everwave/schema/api';
import { alertChannelIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { updateAlertChannel as updateAlertChannelOfOrg } from '../../services/alerts/alert-channels.ts';

export const updateAlertChannel = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/alert-channels/{alertChannelId}',
    operationId: 'updateAlertChannel',
    tags: ['Alerts'],
    summary: 'Changes an alert channel',
    ...allow('alerts:manage'),
    request: {
      params: z.object({ alertChannelId: alertChannelIdSchema }),
      ...jsonBody(updateAlertChannelRequestSchema),
    },
    responses: {
      200: reply('The channel as it is now.', alertChannelSchema),
      ...problems(400, 401, 403, 404, 409, 415, 422, 429),
    },
  }),
  handler: async (c) =>
    c.json(await updateAlertChannelOfOrg(contextOf(c), c.req.valid('param').alertChannelId, c.req.valid('json')), 200),
});
