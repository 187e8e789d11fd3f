import { connectionIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems } from '../../http/operation.ts';
import { deleteConnection as remove } from '../../services/connections/delete-connection.ts';

export const deleteConnection = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/connections/{connectionId}',
    operationId: 'deleteConnection',
    tags: ['Connections'],
    summary: 'Deletes a connection that no live flow uses',

    ...allowOn('connection', 'connections:write'),
    request: { params: z.object({ connectionId: connectionIdSchema }) },
    responses: { 204: { description: 'Deleted.' }, ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    await remove(contextOf(c), c.req.valid('param').connectionId);
    return c.body(null, 204);
  },
});
