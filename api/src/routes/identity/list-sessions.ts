import { sessionListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, personOf, problems, reply } from '../../http/operation.ts';
import { listSessions as list } from '../../services/identity/sessions.ts';

export const listSessions = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/me/sessions',
    operationId: 'listSessions',
    tags: ['Sign-in'],
    summary: 'Lists where you are signed in',

    ...allowSignedIn(),
    responses: { 200: reply('The latest use first.', sessionListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => {
    return c.json({ items: await list(personOf(c)) }, 200);
  },
});
