import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { revokeApiKey as revoke } from '../../services/account/api-keys.ts';

export const revokeApiKey = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/api-keys/{apiKeyId}',
    operationId: 'revokeApiKey',
    tags: ['Account'],
    summary: 'Revokes an API key',

    ...allow('apiKeys:manage'),
    request: { params: z.object({ apiKeyId: z.string().min(1).max(100) }) },
    responses: { 204: { description: 'It no longer works.' }, ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await revoke(contextOf(c), c.req.valid('param').apiKeyId);
    return c.body(null, 204);
  },
});
