import { connectionLimitsSchema, setConnectionLimitsRequestSchema } from '@everwave/schema/api';
import { connectionIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { setConnectionLimits as setLimits } from '../../services/limits/connection-limits.ts';

export const setConnectionLimits = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/connections/{connectionId}/limits',
    operationId: 'setConnectionLimits',
    tags: ['Limits'],
    summary: 'Sets what limits the steps that use a connection',
    ...allowOn('connection', 'connections:write'),
    request: { params: z.object({ connectionId: connectionIdSchema }), ...jsonBody(setConnectionLimitsRequestSchema) },
    responses: {
      200: reply('The limits as they are now.', connectionLimitsSchema),
      ...problems(400, 401, 403, 404, 415, 429),
    },
  }),
  handler: async (c) =>
    c.json(await setLimits(contextOf(c), c.req.valid('param').connectionId, c.req.valid('json')), 200),
});
