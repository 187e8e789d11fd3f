import { serviceAccountListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listServiceAccounts as listServiceAccountsOfOrg } from '../../services/service-accounts/service-accounts.ts';

export const listServiceAccounts = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/service-accounts',
    operationId: 'listServiceAccounts',
    tags: ['Access'],
    summary: 'Lists the service accounts of the org',
    ...allow('apiKeys:manage'),
    responses: { 200: reply('The service accounts by name.', serviceAccountListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json({ items: await listServiceAccountsOfOrg(contextOf(c)) }, 200),
});
