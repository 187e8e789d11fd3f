import { connectionTestSchema } from '@everwave/schema/api';
import { connectionIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { testConnection as test } from '../../services/connections/test-connection.ts';

export const testConnection = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/connections/{connectionId}/test',
    operationId: 'testConnection',
    tags: ['Connections'],
    summary: 'Has a worker try a connection',

    ...allow('connections:write'),
    request: { params: z.object({ connectionId: connectionIdSchema }) },
    responses: { 200: reply('What came of it.', connectionTestSchema), ...problems(400, 401, 403, 404, 429, 503) },
  }),
  handler: async (c) => c.json(await test(contextOf(c), c.req.valid('param').connectionId), 200),
});
