import { connectionSchema, updateConnectionRequestSchema } from '@everwave/schema/api';
import { connectionIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { readConnection } from '../../services/connections/read-connection.ts';
import { updateConnection as update } from '../../services/connections/update-connection.ts';

export const updateConnection = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/connections/{connectionId}',
    operationId: 'updateConnection',
    tags: ['Connections'],
    summary: 'Changes a connection',

    ...allowOn('connection', 'connections:write'),
    request: { params: z.object({ connectionId: connectionIdSchema }), ...jsonBody(updateConnectionRequestSchema) },
    responses: {
      200: reply('The connection, without its secret.', connectionSchema),
      ...problems(400, 401, 403, 404, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const { connectionId } = c.req.valid('param');
    await update(context, connectionId, c.req.valid('json'));
    return c.json(await readConnection(context, connectionId), 200);
  },
});
