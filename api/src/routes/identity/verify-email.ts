import { verifiedEmailSchema, verifyEmailRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems, reply } from '../../http/operation.ts';
import { verifyEmail as verify } from '../../services/identity/verify-email.ts';

export const verifyEmail = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/email-verifications/complete',
    operationId: 'verifyEmail',
    tags: ['Sign-in'],
    summary: 'Confirms an e-mail address',

    ...openToAll('The token of the mailed link is the proof.'),
    request: { ...jsonBody(verifyEmailRequestSchema) },
    responses: {
      200: reply('The address that is confirmed.', verifiedEmailSchema),
      ...problems(400, 403, 404, 415, 429),
    },
  }),
  handler: async (c) => {
    return c.json(await verify(dependenciesOf(c), c.req.valid('json').token), 200);
  },
});
