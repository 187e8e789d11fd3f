import { readinessSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { openToAll, reply } from '../../http/operation.ts';

export const readReadiness = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/readyz',
    operationId: 'readReadiness',
    tags: ['Health'],
    summary: 'Whether everything this process needs answers',
    ...openToAll('It names dependencies, not where they are, and asks them once a second however often it is called.'),
    responses: {
      200: reply('Ready.', readinessSchema),
      503: reply('Not ready; `checks` says which dependency does not answer.', readinessSchema),
    },
  }),
  handler: async (c) => {
    const readiness = await c.get('shared').readiness();
    return c.json(readiness, readiness.status === 'ready' ? 200 : 503);
  },
});
