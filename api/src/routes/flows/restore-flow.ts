import { flowSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readFlow } from '../../services/flows/read-flow.ts';
import { switchFlow } from '../../services/flows/switch-flow.ts';

export const restoreFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/{flowId}/restore',
    operationId: 'restoreFlow',
    tags: ['Flows'],
    summary: 'Brings an archived flow back, switched off',

    ...allowOn('flow', 'flows:publish'),
    request: { params: z.object({ flowId: flowIdSchema }) },
    responses: { 200: reply('The flow.', flowSchema), ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    await switchFlow(context, c.req.valid('param').flowId, 'restore');
    return c.json(await readFlow(context, c.req.valid('param').flowId), 200);
  },
});
