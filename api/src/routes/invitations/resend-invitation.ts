import { invitationSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { resendInvitation as resend } from '../../services/invitations/invitations.ts';

export const resendInvitation = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/invitations/{invitationId}/resend',
    operationId: 'resendInvitation',
    tags: ['Members'],
    summary: 'Mails an invitation again, with a new link',

    ...allow('members:manage'),
    request: { params: z.object({ invitationId: z.string().min(1).max(100) }) },
    responses: { 200: reply('The invitation.', invitationSchema), ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => c.json(await resend(contextOf(c), c.req.valid('param').invitationId), 200),
});
