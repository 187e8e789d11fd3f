import { accountListSchema, listAccountsQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowInstanceAdministrator, personOf, problems, reply } from '../../http/operation.ts';
import { listAccounts as list } from '../../services/admin/accounts.ts';

export const listAccounts = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/admin/users',
    operationId: 'listAccounts',
    tags: ['Administration'],
    summary: 'Lists everybody who has an account on this installation',
    ...allowInstanceAdministrator(),
    request: { query: listAccountsQuerySchema },
    responses: { 200: reply('A page of accounts, by name.', accountListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(personOf(c), c.req.valid('query')), 200),
});
