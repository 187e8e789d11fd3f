import { duplicateFlowRequestSchema, flowSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, optionalJsonBody, problems, reply } from '../../http/operation.ts';
import { duplicateFlow as duplicate } from '../../services/flows/duplicate-flow.ts';
import { readFlow } from '../../services/flows/read-flow.ts';

export const duplicateFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/{flowId}/duplicate',
    operationId: 'duplicateFlow',
    tags: ['Flows'],
    summary: 'Copies a flow',

    ...allow('flows:write'),
    request: { params: z.object({ flowId: flowIdSchema }), ...optionalJsonBody(duplicateFlowRequestSchema) },
    responses: { 201: reply('The copy, switched off.', flowSchema), ...problems(400, 401, 403, 404, 415, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const copyId = await duplicate(context, c.req.valid('param').flowId, c.req.valid('json').name);
    return c.json(await readFlow(context, copyId), 201);
  },
});
