import { answerApprovalRequestSchema, approvalReplySchema } from '@everwave/schema/api';
import { approvalIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { answerApproval as answer } from '../../services/approvals/answer-approval.ts';

export const answerApproval = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/approvals/{approvalId}/answer',
    operationId: 'answerApproval',
    tags: ['Approvals'],
    summary: 'Approves or rejects',
    description:
      'The run checks the answer against its own state: the first that decides wins. A later one is a 409 whose `errors[0].code` says why, `approval_answered` or `approval_timed_out`.',
    ...allowOn('flow', 'approvals:answer'),
    request: { params: z.object({ approvalId: approvalIdSchema }), ...jsonBody(answerApprovalRequestSchema) },
    responses: {
      200: reply('Taken. `open`: others must answer too.', approvalReplySchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    },
  }),
  handler: async (c) => c.json(await answer(contextOf(c), c.req.valid('param').approvalId, c.req.valid('json')), 200),
});
