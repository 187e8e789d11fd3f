import { orgLimitsSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readOrgLimits as readLimits } from '../../services/limits/org-limits.ts';

export const readOrgLimits = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/limits',
    operationId: 'readOrgLimits',
    tags: ['Limits'],
    summary: 'Reads what limits the runs and steps of the org',
    ...allow('flows:read'),
    responses: { 200: reply('The limits, and how far they are used.', orgLimitsSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json(await readLimits(contextOf(c)), 200),
});
