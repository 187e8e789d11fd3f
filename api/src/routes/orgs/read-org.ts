import { orgSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readOrg as read } from '../../services/orgs/org.ts';

export const readOrg = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/org',
    operationId: 'readOrg',
    tags: ['Account'],
    summary: 'Name and slug of the org',
    ...allow('members:read'),
    responses: { 200: reply('The org.', orgSchema), ...problems(401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await read(contextOf(c)), 200),
});
