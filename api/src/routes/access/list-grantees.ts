import { granteeListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listGrantees as listGranteesOfOrg } from '../../services/access/list-grantees.ts';

export const listGrantees = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/grantees',
    operationId: 'listGrantees',
    tags: ['Access'],
    summary: 'Lists whom access can be given to',
    ...allow('roles:manage'),
    responses: {
      200: reply('People, teams, service accounts and keys.', granteeListSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await listGranteesOfOrg(contextOf(c)), 200),
});
