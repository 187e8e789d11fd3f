import { createInvitationRequestSchema, invitationSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createInvitation as create } from '../../services/invitations/invitations.ts';

export const createInvitation = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/invitations',
    operationId: 'createInvitation',
    tags: ['Members'],
    summary: 'Invites somebody by mail, with a role',

    ...allow('members:manage'),
    request: { ...jsonBody(createInvitationRequestSchema) },
    responses: {
      201: reply('The invitation; its link is in the mail alone.', invitationSchema),
      ...problems(400, 401, 403, 409, 415, 429),
    },
  }),
  handler: async (c) => c.json(await create(contextOf(c), c.req.valid('json')), 201),
});
