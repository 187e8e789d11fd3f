import { orgSchema, updateOrgRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { updateOrg as update } from '../../services/orgs/org.ts';

export const updateOrg = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/org',
    operationId: 'updateOrg',
    tags: ['Account'],
    summary: 'Changes name or slug of the org',
    ...allow('org:manage'),
    request: { ...jsonBody(updateOrgRequestSchema) },
    responses: { 200: reply('The org.', orgSchema), ...problems(400, 401, 403, 404, 409, 415, 429) },
  }),
  handler: async (c) => c.json(await update(contextOf(c), c.req.valid('json')), 200),
});
