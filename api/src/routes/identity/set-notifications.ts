import { notificationPreferencesSchema, setNotificationPreferencesRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems, reply } from '../../http/operation.ts';
import { setNotifications as set } from '../../services/identity/notifications.ts';

export const setNotifications = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/me/notifications',
    operationId: 'setNotifications',
    tags: ['Sign-in'],
    summary: 'Sets which mails you get from your org',

    ...allowSignedIn(),
    request: { ...jsonBody(setNotificationPreferencesRequestSchema) },
    responses: {
      200: reply('As they are now; what was left out stays.', notificationPreferencesSchema),
      ...problems(400, 401, 403, 415, 429),
    },
  }),
  handler: async (c) => {
    return c.json(await set(personOf(c), c.req.valid('json')), 200);
  },
});
