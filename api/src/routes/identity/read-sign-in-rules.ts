import { signInRulesSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readSignInRules as read } from '../../services/identity/sign-in-rules.ts';

export const readSignInRules = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/org/sign-in-rules',
    operationId: 'readSignInRules',
    tags: ['Sign-in'],
    summary: 'Says what your org asks of those who sign in',

    ...allow('org:manage'),
    responses: { 200: reply('The rules.', signInRulesSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => {
    return c.json(await read(contextOf(c)), 200);
  },
});
