import { unservedQueuesSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, problems, reply } from '../../http/operation.ts';

export const listUnservedQueues = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/system/unserved-queues',
    operationId: 'listUnservedQueues',
    tags: ['Health'],
    summary: 'Names the queues that no worker serves',
    ...allow('runs:read'),
    responses: {
      200: reply('Runs with a step on one of these wait until a worker for it is there.', unservedQueuesSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await c.get('shared').unservedQueues(), 200),
});
