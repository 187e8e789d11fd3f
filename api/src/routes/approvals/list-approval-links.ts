import { approvalLinkListSchema } from '@everwave/schema/api';
import { approvalIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listLinks } from '../../services/approvals/links.ts';

export const listApprovalLinks = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/approvals/{approvalId}/links',
    operationId: 'listApprovalLinks',
    tags: ['Approvals'],
    summary: 'Lists for whom links were made, and which are used up',
    ...allowOn('flow', 'runs:repair'),
    request: { params: z.object({ approvalId: approvalIdSchema }) },
    responses: { 200: reply('The newest first.', approvalLinkListSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json({ items: await listLinks(contextOf(c), c.req.valid('param').approvalId) }, 200),
});
