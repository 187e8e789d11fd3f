import { alertChannelSchema } from '@everwave/schema/api';
import { alertChannelIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { testAlertChannel as testAlertChannelOfOrg } from '../../services/alerts/alert-channels.ts';

export const testAlertChannel = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/alert-channels/{alertChannelId}/test',
    operationId: 'testAlertChannel',
    tags: ['Alerts'],
    summary: 'Sends a test message on a channel',
    ...allow('alerts:manage'),
    request: { params: z.object({ alertChannelId: alertChannelIdSchema }) },
    responses: {
      202: reply('Queued: `lastDeliveredAt` or `lastError` says what came of it.', alertChannelSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await testAlertChannelOfOrg(contextOf(c), c.req.valid('param').alertChannelId), 202),
});
