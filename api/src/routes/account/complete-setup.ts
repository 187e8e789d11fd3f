import { setupReplySchema, setupRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems, reply } from '../../http/operation.ts';
import { completeSetup as complete } from '../../services/account/complete-setup.ts';
import { openSession } from '../../auth/give-session.ts';

export const completeSetup = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/setup',
    operationId: 'completeSetup',
    tags: ['Account'],
    summary: 'Makes whoever has the one-time link the owner',

    ...openToAll('The token of the link is the proof.'),
    request: { ...jsonBody(setupRequestSchema) },
    responses: {
      201: reply('The owner, signed in: the answer sets the session cookie.', setupReplySchema),
      ...problems(400, 404, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const dependencies = dependenciesOf(c);
    const { userId, orgId } = await complete(dependencies, c.req.valid('json'));
    const cookies = await openSession(dependencies.auth, c.req.raw.headers, { userId, rememberMe: true });
    for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
    return c.json({ userId, orgId, role: 'owner' as const }, 201);
  },
});
