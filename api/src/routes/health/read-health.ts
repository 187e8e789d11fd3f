import { healthSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, openToAll, reply } from '../../http/operation.ts';

export const readHealth = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/healthz',
    operationId: 'readHealth',
    tags: ['Health'],
    summary: 'Whether this process runs',
    ...openToAll('It says nothing but the version.'),
    responses: { 200: reply('It runs.', healthSchema) },
  }),
  handler: (c) => c.json({ status: 'ok' as const, version: dependenciesOf(c).settings.version }, 200),
});
