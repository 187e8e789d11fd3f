import { flowLimitsSchema, setFlowLimitsRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { setFlowLimits as setLimits } from '../../services/limits/flow-limits.ts';

export const setFlowLimits = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/flows/{flowId}/limits',
    operationId: 'setFlowLimits',
    tags: ['Limits'],
    summary: "Sets what limits a flow's runs and steps",
    ...allowOn('flow', 'flows:publish'),
    request: { params: z.object({ flowId: flowIdSchema }), ...jsonBody(setFlowLimitsRequestSchema) },
    responses: {
      200: reply('The limits as they are now.', flowLimitsSchema),
      ...problems(400, 401, 403, 404, 415, 422, 429),
    },
  }),
  handler: async (c) => c.json(await setLimits(contextOf(c), c.req.valid('param').flowId, c.req.valid('json')), 200),
});
