import { flowSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readFlow } from '../../services/flows/read-flow.ts';
import { switchFlow } from '../../services/flows/switch-flow.ts';

export const deactivateFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/{flowId}/deactivate',
    operationId: 'deactivateFlow',
    tags: ['Flows'],
    summary: 'Turns a flow off; deliveries wait in the inbox',

    ...allowOn('flow', 'flows:publish'),
    request: { params: z.object({ flowId: flowIdSchema }) },
    responses: { 200: reply('The flow.', flowSchema), ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    await switchFlow(context, c.req.valid('param').flowId, 'deactivate');
    return c.json(await readFlow(context, c.req.valid('param').flowId), 200);
  },
});
