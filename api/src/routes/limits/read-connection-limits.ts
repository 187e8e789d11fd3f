import { connectionLimitsSchema } from '@everwave/schema/api';
import { connectionIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readConnectionLimits as readLimits } from '../../services/limits/connection-limits.ts';

export const readConnectionLimits = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/connections/{connectionId}/limits',
    operationId: 'readConnectionLimits',
    tags: ['Limits'],
    summary: 'Reads what limits the steps that use a connection',
    ...allowOn('connection', 'connections:read'),
    request: { params: z.object({ connectionId: connectionIdSchema }) },
    responses: {
      200: reply('The limits, and how far they are used.', connectionLimitsSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await readLimits(contextOf(c), c.req.valid('param').connectionId), 200),
});
