import { joinedSchema, openInvitationRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowVisitor, visitorOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { acceptInvitation as accept } from '../../services/invitations/accept-invitation.ts';

export const acceptInvitation = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/invitations/accept',
    operationId: 'acceptInvitation',
    tags: ['Members'],
    summary: 'Makes whoever is signed in a member',

    ...allowVisitor(),
    request: { ...jsonBody(openInvitationRequestSchema) },
    responses: {
      200: reply('The org, in which the session works from now on.', joinedSchema),
      ...problems(400, 401, 403, 404, 409, 415, 429),
    },
  }),
  handler: async (c) => c.json({ orgId: await accept(visitorOf(c), c.req.valid('json').token) }, 200),
});
