import { orgLimitsSchema, setOrgLimitsRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { setOrgLimits as setLimits } from '../../services/limits/org-limits.ts';

export const setOrgLimits = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/limits',
    operationId: 'setOrgLimits',
    tags: ['Limits'],
    summary: 'Sets what limits the runs and steps of the org',
    ...allow('limits:manage'),
    request: jsonBody(setOrgLimitsRequestSchema),
    responses: { 200: reply('The limits as they are now.', orgLimitsSchema), ...problems(400, 401, 403, 415, 429) },
  }),
  handler: async (c) => c.json(await setLimits(contextOf(c), c.req.valid('json')), 200),
});
