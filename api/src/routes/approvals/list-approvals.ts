import { approvalListSchema, listApprovalsQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listApprovals as list } from '../../services/approvals/list-approvals.ts';

export const listApprovals = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/approvals',
    operationId: 'listApprovals',
    tags: ['Approvals'],
    summary: 'Lists what runs ask people to decide, newest first',
    ...allowOn('flow', 'approvals:read'),
    request: { query: listApprovalsQuerySchema },
    responses: { 200: reply('A page of approvals.', approvalListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
