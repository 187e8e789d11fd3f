import { flowSchema, importFlowRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { importFlow as importFile } from '../../services/flows/import-flow.ts';
import { readFlow } from '../../services/flows/read-flow.ts';

export const importFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/import',
    operationId: 'importFlow',
    tags: ['Flows'],
    summary: 'Creates a flow from an exported file',

    ...allow('flows:write'),
    request: { ...jsonBody(importFlowRequestSchema) },
    responses: { 201: reply('The new flow.', flowSchema), ...problems(400, 401, 403, 413, 415, 422, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const flowId = await importFile(context, c.req.valid('json'));
    return c.json(await readFlow(context, flowId), 201);
  },
});
