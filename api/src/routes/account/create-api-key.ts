import { createApiKeyRequestSchema, createdApiKeySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createApiKey as create } from '../../services/account/api-keys.ts';

export const createApiKey = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/api-keys',
    operationId: 'createApiKey',
    tags: ['Account'],
    summary: 'Creates an API key',

    ...allow('apiKeys:manage'),
    request: { ...jsonBody(createApiKeyRequestSchema) },
    responses: {
      201: reply('The key, shown only now.', createdApiKeySchema),
      ...problems(400, 401, 403, 404, 415, 429),
    },
  }),
  handler: async (c) => c.json(await create(contextOf(c), c.req.valid('json')), 201),
});
