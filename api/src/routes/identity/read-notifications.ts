import { notificationPreferencesSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, personOf, problems, reply } from '../../http/operation.ts';
import { readNotifications as read } from '../../services/identity/notifications.ts';

export const readNotifications = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/me/notifications',
    operationId: 'readNotifications',
    tags: ['Sign-in'],
    summary: 'Reads which mails you get from your org',

    ...allowSignedIn(),
    responses: {
      200: reply('Each kind of mail that you may do without.', notificationPreferencesSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: async (c) => {
    return c.json(await read(personOf(c)), 200);
  },
});
