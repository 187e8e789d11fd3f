import { systemStatusSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readSystemStatus as read } from '../../services/health/read-system-status.ts';

export const readSystemStatus = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/system/status',
    operationId: 'readSystemStatus',
    tags: ['Health'],
    summary: 'Tells whether Postgres, Temporal and workers are there, and what waits',
    ...allow('runs:repair'),
    responses: {
      200: reply('The installation at a glance, also when something is wrong.', systemStatusSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await read(contextOf(c)), 200),
});
