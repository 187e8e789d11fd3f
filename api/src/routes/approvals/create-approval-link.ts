import { approvalLinkSchema, createApprovalLinkRequestSchema } from '@everwave/schema/api';
import { approvalIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createLink } from '../../services/approvals/links.ts';

export const createApprovalLink = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/approvals/{approvalId}/links',
    operationId: 'createApprovalLink',
    tags: ['Approvals'],
    summary: 'Makes a link for one person, good for one answer',
    description: 'Whoever opens it must sign in as the recipient, and may do there what the recipient may.',
    ...allowOn('flow', 'runs:repair'),
    request: { params: z.object({ approvalId: approvalIdSchema }), ...jsonBody(createApprovalLinkRequestSchema) },
    responses: {
      201: reply('The link, shown once.', approvalLinkSchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    },
  }),
  handler: async (c) =>
    c.json(await createLink(contextOf(c), c.req.valid('param').approvalId, c.req.valid('json').recipient), 201),
});
