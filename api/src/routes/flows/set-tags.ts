import { flowSchema, setTagsRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { updateFlow } from '../../services/flows/update-flow.ts';
import { readFlow } from '../../services/flows/read-flow.ts';

export const setTags = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/flows/{flowId}/tags',
    operationId: 'setTags',
    tags: ['Flows'],
    summary: "Replaces a flow's tags",

    ...allowOn('flow', 'flows:write'),
    request: { params: z.object({ flowId: flowIdSchema }), ...jsonBody(setTagsRequestSchema) },
    responses: { 200: reply('The flow.', flowSchema), ...problems(400, 401, 403, 404, 415, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    await updateFlow(context, c.req.valid('param').flowId, c.req.valid('json'));
    return c.json(await readFlow(context, c.req.valid('param').flowId), 200);
  },
});
