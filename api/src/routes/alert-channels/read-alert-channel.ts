import { alertChannelSchema } from '@everwave/schema/api';
import { alertChannelIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readAlertChannel as readAlertChannelOfOrg } from '../../services/alerts/alert-channels.ts';

export const readAlertChannel = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/alert-channels/{alertChannelId}',
    operationId: 'readAlertChannel',
    tags: ['Alerts'],
    summary: 'Reads an alert channel',
    ...allow('alerts:manage'),
    request: { params: z.object({ alertChannelId: alertChannelIdSchema }) },
    responses: {
      200: reply('The channel, without its secrets.', alertChannelSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await readAlertChannelOfOrg(contextOf(c), c.req.valid('param').alertChannelId), 200),
});
