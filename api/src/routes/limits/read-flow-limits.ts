import { flowLimitsSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readFlowLimits as readLimits } from '../../services/limits/flow-limits.ts';

export const readFlowLimits = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/flows/{flowId}/limits',
    operationId: 'readFlowLimits',
    tags: ['Limits'],
    summary: "Reads what limits a flow's runs and steps",
    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ flowId: flowIdSchema }) },
    responses: {
      200: reply('The limits, and how far they are used.', flowLimitsSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await readLimits(contextOf(c), c.req.valid('param').flowId), 200),
});
