import { connectionSchema, createConnectionRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createConnection as create } from '../../services/connections/create-connection.ts';
import { readConnection } from '../../services/connections/read-connection.ts';

export const createConnection = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/connections',
    operationId: 'createConnection',
    tags: ['Connections'],
    summary: 'Creates a connection',

    ...allow('connections:write'),
    request: { ...jsonBody(createConnectionRequestSchema) },
    responses: {
      201: reply('The connection, without its secret.', connectionSchema),
      ...problems(400, 401, 403, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const connectionId = await create(context, c.req.valid('json'));
    return c.json(await readConnection(context, connectionId), 201);
  },
});
