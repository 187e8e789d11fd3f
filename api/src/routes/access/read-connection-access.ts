import { accessSchema } from '@everwave/schema/api';
import { connectionIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readAccessTo } from '../../services/access/access.ts';

export const readConnectionAccess = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/connections/{connectionId}/access',
    operationId: 'readConnectionAccess',
    tags: ['Access'],
    summary: 'Says who may reach a connection',
    ...allowOn('connection', 'connections:read'),
    request: { params: z.object({ connectionId: connectionIdSchema }) },
    responses: {
      200: reply('Whether it is kept for some only, and who has which role on it.', accessSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) =>
    c.json(await readAccessTo(contextOf(c), { thing: 'connection', id: c.req.valid('param').connectionId }), 200),
});
