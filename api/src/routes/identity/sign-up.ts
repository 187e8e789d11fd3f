import { signUpRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems } from '../../http/operation.ts';
import { signUp as make } from '../../services/identity/sign-up.ts';

export const signUp = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/sign-up',
    operationId: 'signUp',
    tags: ['Sign-in'],
    summary: 'Makes an account, and mails a link that confirms the address',

    ...openToAll('Only where the settings open it. The answer does not tell whether the address is taken.'),
    request: { ...jsonBody(signUpRequestSchema) },
    responses: { 204: { description: 'A mail is on its way to the address.' }, ...problems(400, 403, 415, 422, 429) },
  }),
  handler: async (c) => {
    const person = c.req.valid('json');
    await c.get('shared').attempts.consume(`mail:${person.email.toLowerCase()}`);
    await make(dependenciesOf(c), person);
    return c.body(null, 204);
  },
});
