import { signUpStateSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, openToAll, problems, reply } from '../../http/operation.ts';
import { isSignUpOpen as isOpen } from '../../services/identity/sign-up.ts';

export const readSignUpState = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/sign-up',
    operationId: 'readSignUpState',
    tags: ['Sign-in'],
    summary: 'Says whether people may sign up by themselves',

    ...openToAll('The sign-in page asks before anyone can sign in.'),
    responses: { 200: reply('The state.', signUpStateSchema), ...problems(429) },
  }),
  handler: async (c) => {
    return c.json({ isOpen: await isOpen(dependenciesOf(c)) }, 200);
  },
});
