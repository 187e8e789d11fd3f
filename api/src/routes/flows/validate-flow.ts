import { validateFlowReplySchema, validateFlowRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, optionalJsonBody, problems, reply } from '../../http/operation.ts';
import { validateDraft } from '../../services/flows/validate-draft.ts';

export const validateFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/{flowId}/validate',
    operationId: 'validateFlow',
    tags: ['Flows'],
    summary: 'Checks a drawing without changing anything',

    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ flowId: flowIdSchema }), ...optionalJsonBody(validateFlowRequestSchema) },
    responses: {
      200: reply('Everything wrong with it.', validateFlowReplySchema),
      ...problems(400, 401, 403, 404, 415, 429),
    },
  }),
  handler: async (c) =>
    c.json(await validateDraft(contextOf(c), c.req.valid('param').flowId, c.req.valid('json').graph), 200),
});
