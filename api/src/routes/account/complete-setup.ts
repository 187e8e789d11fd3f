import { setupReplySchema, setupRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems, reply } from '../../http/operation.ts';
import { completeSetup as complete } from '../../services/account/complete-setup.ts';
import { signIn } from '../../auth/sign-in.ts';

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
      ...problems(400, 404, 409, 415, 429),
    },
  }),
  handler: async (c) => {
    const dependencies = dependenciesOf(c);
    const { userId, orgId } = await complete(dependencies, c.req.valid('json'));
    for (const cookie of await signIn(dependencies.auth, c.req.valid('json')))
      c.header('set-cookie', cookie, { append: true });
    return c.json({ userId, orgId, role: 'owner' as const }, 201);
  },
});
