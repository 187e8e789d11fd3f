import { apiKeyListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listApiKeys as list } from '../../services/account/api-keys.ts';

export const listApiKeys = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/api-keys',
    operationId: 'listApiKeys',
    tags: ['Account'],
    summary: "Lists the org's API keys",

    ...allow('apiKeys:manage'),

    responses: { 200: reply('The keys, without the keys themselves.', apiKeyListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json({ items: await list(contextOf(c)) }, 200),
});
