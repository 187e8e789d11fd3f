import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowSignedIn, personOf, problems } from '../../http/operation.ts';
import { revokeSession as revoke } from '../../services/identity/sessions.ts';

export const revokeSession = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/me/sessions/{sessionId}',
    operationId: 'revokeSession',
    tags: ['Sign-in'],
    summary: 'Signs a browser out',

    ...allowSignedIn(),
    request: { params: z.object({ sessionId: z.string().min(1).max(100) }) },
    responses: { 204: { description: 'Its next request is refused.' }, ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await revoke(personOf(c), c.req.valid('param').sessionId);
    return c.body(null, 204);
  },
});
