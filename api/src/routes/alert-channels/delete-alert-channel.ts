import { alertChannelIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { deleteAlertChannel as deleteAlertChannelOfOrg } from '../../services/alerts/alert-channels.ts';

export const deleteAlertChannel = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/alert-channels/{alertChannelId}',
    operationId: 'deleteAlertChannel',
    tags: ['Alerts'],
    summary: 'Removes an alert channel',
    ...allow('alerts:manage'),
    request: { params: z.object({ alertChannelId: alertChannelIdSchema }) },
    responses: {
      204: { description: 'Removed.' },
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => {
    await deleteAlertChannelOfOrg(contextOf(c), c.req.valid('param').alertChannelId);
    return c.body(null, 204);
  },
});
