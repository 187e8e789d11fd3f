import { approvalSchema } from '@everwave/schema/api';
import { approvalIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readApproval as read } from '../../services/approvals/read-approval.ts';

export const readApproval = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/approvals/{approvalId}',
    operationId: 'readApproval',
    tags: ['Approvals'],
    summary: 'Reads an approval with its form and its answers',
    ...allowOn('flow', 'approvals:read'),
    request: { params: z.object({ approvalId: approvalIdSchema }) },
    responses: { 200: reply('The approval.', approvalSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await read(contextOf(c), c.req.valid('param').approvalId), 200),
});
