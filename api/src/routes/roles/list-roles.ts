import { roleListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listRoles as listRolesOfOrg } from '../../services/roles/roles.ts';

export const listRoles = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/roles',
    operationId: 'listRoles',
    tags: ['Access'],
    summary: 'Lists the roles of the org, built-in and own',
    ...allow('flows:read'),
    responses: {
      200: reply('The built-in roles, then the own ones by name.', roleListSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: async (c) => c.json({ items: await listRolesOfOrg(contextOf(c)) }, 200),
});
