import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { revokeInvitation as revoke } from '../../services/invitations/invitations.ts';

export const revokeInvitation = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/invitations/{invitationId}',
    operationId: 'revokeInvitation',
    tags: ['Members'],
    summary: 'Takes an invitation back',

    ...allow('members:manage'),
    request: { params: z.object({ invitationId: z.string().min(1).max(100) }) },
    responses: { 204: { description: 'Its link works no longer.' }, ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await revoke(contextOf(c), c.req.valid('param').invitationId);
    return c.body(null, 204);
  },
});
