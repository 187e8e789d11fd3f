import { exportFlowQuerySchema, flowExportSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { exportFlow as write } from '../../services/flows/export-flow.ts';

export const exportFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/flows/{flowId}/export',
    operationId: 'exportFlow',
    tags: ['Flows'],
    summary: 'Writes a flow as a file, without secrets',

    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ flowId: flowIdSchema }), query: exportFlowQuerySchema },
    responses: { 200: reply('The file.', flowExportSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    const file = await write(contextOf(c), c.req.valid('param').flowId, c.req.valid('query').version);
    c.header('content-disposition', 'attachment; filename="flow.json"');
    return c.json(file, 200);
  },
});
