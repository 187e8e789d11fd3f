import { accessSchema, setAccessRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { setAccessTo } from '../../services/access/access.ts';

export const setFlowAccess = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/flows/{flowId}/access',
    operationId: 'setFlowAccess',
    tags: ['Access'],
    summary: 'Says anew who may reach a flow',
    ...allow('roles:manage'),
    request: { params: z.object({ flowId: flowIdSchema }), ...jsonBody(setAccessRequestSchema) },
    responses: {
      200: reply('As it is now, from the next request on.', accessSchema),
      ...problems(400, 401, 403, 404, 409, 415, 429),
    },
  }),
  handler: async (c) =>
    c.json(
      await setAccessTo(contextOf(c), { thing: 'flow', id: c.req.valid('param').flowId }, c.req.valid('json')),
      200,
    ),
});
