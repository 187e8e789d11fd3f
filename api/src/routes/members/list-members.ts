import { memberListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listMembers as list } from '../../services/members/members.ts';

export const listMembers = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/members',
    operationId: 'listMembers',
    tags: ['Members'],
    summary: 'Lists the people of the org',

    ...allow('members:read'),
    responses: { 200: reply('Everybody, by name.', memberListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json({ items: await list(contextOf(c)) }, 200),
});
