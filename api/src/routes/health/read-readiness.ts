import { readinessSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, openToAll, reply } from '../../http/operation.ts';
import { checkReadiness } from '../../services/health/check-readiness.ts';

export const readReadiness = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/readyz',
    operationId: 'readReadiness',
    tags: ['Health'],
    summary: 'Whether everything this process needs answers',
    ...openToAll('It names dependencies, not where they are.'),
    responses: {
      200: reply('Ready.', readinessSchema),
      503: reply('Not ready; `checks` says which dependency does not answer.', readinessSchema),
    },
  }),
  handler: async (c) => {
    const readiness = await checkReadiness(dependenciesOf(c));
    return c.json(readiness, readiness.status === 'ready' ? 200 : 503);
  },
});
