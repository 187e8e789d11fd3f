import { emailRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems } from '../../http/operation.ts';
import { requestPasswordReset as ask } from '../../services/identity/reset-password.ts';

export const requestPasswordReset = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/password-resets',
    operationId: 'requestPasswordReset',
    tags: ['Sign-in'],
    summary: 'Mails a link that sets a new password',

    ...openToAll('Whoever forgot the password cannot sign in. The answer does not tell whether there is an account.'),
    request: { ...jsonBody(emailRequestSchema) },
    responses: {
      204: { description: 'If somebody has this address, a mail is on its way.' },
      ...problems(400, 403, 415, 429),
    },
  }),
  handler: async (c) => {
    const { email } = c.req.valid('json');
    await c.get('shared').attempts.consume(`mail:${email.toLowerCase()}`);
    await ask(dependenciesOf(c), email);
    return c.body(null, 204);
  },
});
