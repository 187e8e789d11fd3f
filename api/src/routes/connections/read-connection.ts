import { connectionSchema } from '@everwave/schema/api';
import { connectionIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readConnection as read } from '../../services/connections/read-connection.ts';

export const readConnection = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/connections/{connectionId}',
    operationId: 'readConnection',
    tags: ['Connections'],
    summary: 'Reads a connection',

    ...allowOn('connection', 'connections:read'),
    request: { params: z.object({ connectionId: connectionIdSchema }) },
    responses: {
      200: reply('The connection, without its secret.', connectionSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await read(contextOf(c), c.req.valid('param').connectionId), 200),
});
