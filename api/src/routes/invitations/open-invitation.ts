import { openInvitationRequestSchema, openedInvitationSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, openToAll, jsonBody, problems, reply } from '../../http/operation.ts';
import { openInvitation as open } from '../../services/invitations/accept-invitation.ts';

export const openInvitation = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/invitations/open',
    operationId: 'openInvitation',
    tags: ['Members'],
    summary: 'Says what a mailed link invites to',

    ...openToAll('The token of the mailed link is the proof.'),
    request: { ...jsonBody(openInvitationRequestSchema) },
    responses: {
      200: reply('What the invitation says.', openedInvitationSchema),
      ...problems(400, 404, 409, 415, 429),
    },
  }),
  handler: async (c) => c.json(await open(dependenciesOf(c), c.req.valid('json').token), 200),
});
