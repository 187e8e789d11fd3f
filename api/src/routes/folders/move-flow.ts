import { moveFlowRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems } from '../../http/operation.ts';
import { moveFlow as moveFlowOfOrg } from '../../services/folders/folders.ts';

export const moveFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/flows/{flowId}/folder',
    operationId: 'moveFlow',
    tags: ['Flows'],
    summary: 'Puts a flow into a folder, or out of all',
    ...allowOn('flow', 'flows:write'),
    request: { params: z.object({ flowId: flowIdSchema }), ...jsonBody(moveFlowRequestSchema) },
    responses: { 204: { description: 'Moved.' }, ...problems(400, 401, 403, 404, 415, 429) },
  }),
  handler: async (c) => {
    await moveFlowOfOrg(contextOf(c), c.req.valid('param').flowId, c.req.valid('json').folderId);
    return c.body(null, 204);
  },
});
