import { joinedSchema, joinRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, openToAll, jsonBody, problems, reply } from '../../http/operation.ts';
import { joinByInvitation as join } from '../../services/invitations/accept-invitation.ts';
import { openSession } from '../../auth/give-session.ts';

export const joinByInvitation = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/invitations/join',
    operationId: 'joinByInvitation',
    tags: ['Members'],
    summary: 'Makes an account and a member of whoever holds a mailed link',

    ...openToAll('The token of the mailed link is the proof.'),
    request: { ...jsonBody(joinRequestSchema) },
    responses: {
      201: reply('The org. The answer signs the person in.', joinedSchema),
      ...problems(400, 404, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const dependencies = dependenciesOf(c);
    const { orgId, userId } = await join(dependencies, c.req.valid('json'));
    const cookies = await openSession(dependencies.auth, c.req.raw.headers, { userId, rememberMe: true });
    for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
    return c.json({ orgId }, 201);
  },
});
