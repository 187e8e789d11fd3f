import { newPasswordRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems } from '../../http/operation.ts';
import { resetPassword as reset } from '../../services/identity/reset-password.ts';

export const completePasswordReset = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/password-resets/complete',
    operationId: 'completePasswordReset',
    tags: ['Sign-in'],
    summary: 'Sets a new password and ends every session',

    ...openToAll('The token of the mailed link is the proof.'),
    request: { ...jsonBody(newPasswordRequestSchema) },
    responses: { 204: { description: 'Sign in with the new password.' }, ...problems(400, 403, 404, 415, 422, 429) },
  }),
  handler: async (c) => {
    await reset(dependenciesOf(c), c.req.valid('json'));
    return c.body(null, 204);
  },
});
