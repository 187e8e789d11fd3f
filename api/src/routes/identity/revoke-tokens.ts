import { refreshRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems } from '../../http/operation.ts';
import { revokeTokens as revoke } from '../../services/identity/tokens.ts';

export const revokeTokens = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/tokens/revoke',
    operationId: 'revokeTokens',
    tags: ['Sign-in'],
    summary: 'Signs a program out',

    ...openToAll('The refresh token is the proof.'),
    request: { ...jsonBody(refreshRequestSchema) },
    responses: {
      204: { description: 'Neither it nor its access tokens work any more.' },
      ...problems(400, 403, 415, 429),
    },
  }),
  handler: async (c) => {
    await revoke(dependenciesOf(c), c.req.valid('json').refreshToken);
    return c.body(null, 204);
  },
});
