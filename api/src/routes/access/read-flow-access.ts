import { accessSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readAccessTo } from '../../services/access/access.ts';

export const readFlowAccess = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/flows/{flowId}/access',
    operationId: 'readFlowAccess',
    tags: ['Access'],
    summary: 'Says who may reach a flow',
    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ flowId: flowIdSchema }) },
    responses: {
      200: reply('Whether it is kept for some only, and who has which role on it.', accessSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) =>
    c.json(await readAccessTo(contextOf(c), { thing: 'flow', id: c.req.valid('param').flowId }), 200),
});
