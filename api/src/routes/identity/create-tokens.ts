import { tokenReplySchema, tokenRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems, refusedRequest, reply } from '../../http/operation.ts';
import { noteIfRefused } from '../../services/audit/note-refusal.ts';
import { issueTokens as issue } from '../../services/identity/tokens.ts';

export const createTokens = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/tokens',
    operationId: 'createTokens',
    tags: ['Sign-in'],
    summary: 'Signs a program in for a person',

    ...openToAll('Nobody is signed in before. Tries are counted by account and by address.'),
    request: { ...jsonBody(tokenRequestSchema) },
    responses: {
      200: reply('An access token, and what renews it.', tokenReplySchema),
      ...problems(400, 401, 403, 415, 429),
    },
  }),
  handler: async (c) => {
    const credentials = c.req.valid('json');
    await c.get('shared').attempts.consume(credentials.email.toLowerCase());
    const tokens = await noteIfRefused(refusedRequest(c), credentials, () => issue(dependenciesOf(c), credentials));
    return c.json(tokens, 200);
  },
});
