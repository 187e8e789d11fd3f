import { invitationListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listInvitations as list } from '../../services/invitations/invitations.ts';

export const listInvitations = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/invitations',
    operationId: 'listInvitations',
    tags: ['Members'],
    summary: 'Lists the invitations that wait for an answer',

    ...allow('members:manage'),
    responses: { 200: reply('The invitations, the newest first.', invitationListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json({ items: await list(contextOf(c)) }, 200),
});
