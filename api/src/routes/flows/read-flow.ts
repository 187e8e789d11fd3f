import { flowSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readFlow as read } from '../../services/flows/read-flow.ts';

export const readFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/flows/{flowId}',
    operationId: 'readFlow',
    tags: ['Flows'],
    summary: 'Reads a flow with its draft and triggers',

    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ flowId: flowIdSchema }) },
    responses: { 200: reply('The flow.', flowSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await read(contextOf(c), c.req.valid('param').flowId), 200),
});
