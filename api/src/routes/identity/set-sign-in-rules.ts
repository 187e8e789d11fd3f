import { signInRulesSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { setSignInRules as set } from '../../services/identity/sign-in-rules.ts';

export const setSignInRules = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/org/sign-in-rules',
    operationId: 'setSignInRules',
    tags: ['Sign-in'],
    summary: 'Sets what your org asks of those who sign in',

    ...allow('org:manage'),
    request: { ...jsonBody(signInRulesSchema) },
    responses: {
      200: reply('The rules, in force with the next request.', signInRulesSchema),
      ...problems(400, 401, 403, 415, 429),
    },
  }),
  handler: async (c) => {
    return c.json(await set(contextOf(c), c.req.valid('json')), 200);
  },
});
