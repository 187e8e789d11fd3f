import { approvalIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems } from '../../http/operation.ts';
import { revokeLink } from '../../services/approvals/links.ts';

export const revokeApprovalLink = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/approvals/{approvalId}/links/{linkId}',
    operationId: 'revokeApprovalLink',
    tags: ['Approvals'],
    summary: 'Revokes a link that nobody has used',
    ...allowOn('flow', 'runs:repair'),
    request: { params: z.object({ approvalId: approvalIdSchema, linkId: z.uuid() }) },
    responses: { 204: { description: 'It leads nowhere any more.' }, ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    const { approvalId, linkId } = c.req.valid('param');
    await revokeLink(contextOf(c), approvalId, linkId);
    return c.body(null, 204);
  },
});
