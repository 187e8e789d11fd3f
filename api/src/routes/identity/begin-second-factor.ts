import { passwordRequestSchema, secondFactorSecretSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems, reply } from '../../http/operation.ts';
import { beginSecondFactor as begin } from '../../services/identity/second-factor.ts';

export const beginSecondFactor = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/me/second-factor',
    operationId: 'beginSecondFactor',
    tags: ['Sign-in'],
    summary: 'Makes a secret for an authenticator app',

    ...allowSignedIn(),
    request: { ...jsonBody(passwordRequestSchema) },
    responses: {
      200: reply('For the app. Nothing asks for it before a first code confirms it.', secondFactorSecretSchema),
      ...problems(400, 401, 403, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const context = personOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    return c.json(await begin(context, c.req.valid('json').password), 200);
  },
});
