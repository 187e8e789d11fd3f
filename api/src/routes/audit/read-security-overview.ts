import { securityOverviewSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readSecurityOverview as read } from '../../services/audit/read-security-overview.ts';

export const readSecurityOverview = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/audit/overview',
    operationId: 'readSecurityOverview',
    tags: ['Audit'],
    summary: 'Counts failed sign-ins and refusals of the last 30 days',
    ...allow('audit:read'),
    responses: { 200: reply('The days, oldest first.', securityOverviewSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json(await read(contextOf(c)), 200),
});
