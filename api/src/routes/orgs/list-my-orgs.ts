import { myOrgListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowVisitor, visitorOf, problems, reply } from '../../http/operation.ts';
import { listMyOrgs as list } from '../../services/orgs/my-orgs.ts';

export const listMyOrgs = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/me/orgs',
    operationId: 'listMyOrgs',
    tags: ['Account'],
    summary: 'Lists the orgs that the person belongs to',

    ...allowVisitor(),
    responses: { 200: reply('The orgs, by name.', myOrgListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(visitorOf(c)), 200),
});
