import { createAlertChannelRequestSchema, createdAlertChannelSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createAlertChannel as createAlertChannelOfOrg } from '../../services/alerts/alert-channels.ts';

export const createAlertChannel = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/alert-channels',
    operationId: 'createAlertChannel',
    tags: ['Alerts'],
    summary: 'Adds a mail address, a Slack webhook or a signed webhook',
    description:
      'One message per group of dead letters: when its first letter comes, again after `quietSeconds` while it grows, and when it is empty again. Delivery is at least once: a webhook tells a second copy by its `webhook-id`.',
    ...allow('alerts:manage'),
    request: { ...jsonBody(createAlertChannelRequestSchema) },
    responses: {
      201: reply('Added. This is the only answer that holds a signing secret.', createdAlertChannelSchema),
      ...problems(400, 401, 403, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => c.json(await createAlertChannelOfOrg(contextOf(c), c.req.valid('json')), 201),
});
