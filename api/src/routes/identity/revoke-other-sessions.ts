import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, personOf, problems } from '../../http/operation.ts';
import { revokeOtherSessions as revoke } from '../../services/identity/sessions.ts';

export const revokeOtherSessions = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/me/sessions',
    operationId: 'revokeOtherSessions',
    tags: ['Sign-in'],
    summary: 'Signs every other browser out',

    ...allowSignedIn(),
    responses: { 204: { description: 'Their next requests are refused.' }, ...problems(401, 403, 429) },
  }),
  handler: async (c) => {
    await revoke(personOf(c));
    return c.body(null, 204);
  },
});
