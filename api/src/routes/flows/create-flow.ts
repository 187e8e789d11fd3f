import { createFlowRequestSchema, flowSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createFlow as create } from '../../services/flows/create-flow.ts';
import { readFlow } from '../../services/flows/read-flow.ts';

export const createFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows',
    operationId: 'createFlow',
    tags: ['Flows'],
    summary: 'Creates a flow, switched off',

    ...allow('flows:write'),
    request: { ...jsonBody(createFlowRequestSchema) },
    responses: { 201: reply('The new flow.', flowSchema), ...problems(400, 401, 403, 413, 415, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const flowId = await create(context, c.req.valid('json'));
    return c.json(await readFlow(context, flowId), 201);
  },
});
