import { refreshRequestSchema, tokenReplySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems, reply } from '../../http/operation.ts';
import { renewTokens as renew } from '../../services/identity/tokens.ts';

export const renewTokens = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/tokens/renew',
    operationId: 'renewTokens',
    tags: ['Sign-in'],
    summary: 'Renews an access token',

    ...openToAll('The refresh token is the proof.'),
    request: { ...jsonBody(refreshRequestSchema) },
    responses: {
      200: reply('The next pair; the refresh token that was sent works no longer.', tokenReplySchema),
      ...problems(400, 401, 403, 415, 429),
    },
  }),
  handler: async (c) => {
    return c.json(await renew(dependenciesOf(c), c.req.valid('json').refreshToken), 200);
  },
});
