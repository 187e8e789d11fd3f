import { approvalSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { openLink } from '../../services/approvals/links.ts';

export const openApprovalLink = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/approval-links/{token}',
    operationId: 'openApprovalLink',
    tags: ['Approvals'],
    summary: 'Reads the approval that a link leads to, for its recipient',
    ...allowOn('flow', 'approvals:read'),
    request: { params: z.object({ token: z.string().min(1).max(200) }) },
    responses: { 200: reply('The approval.', approvalSchema), ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => c.json(await openLink(contextOf(c), c.req.valid('param').token), 200),
});
