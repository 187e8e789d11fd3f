import { passwordRequestSchema, recoveryCodesSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems, reply } from '../../http/operation.ts';
import { renewRecoveryCodes as renew } from '../../services/identity/second-factor.ts';

export const renewRecoveryCodes = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/me/second-factor/recovery-codes',
    operationId: 'renewRecoveryCodes',
    tags: ['Sign-in'],
    summary: 'Makes new recovery codes; the earlier ones stop to work',

    ...allowSignedIn(),
    request: { ...jsonBody(passwordRequestSchema) },
    responses: {
      200: reply('The recovery codes, shown this once.', recoveryCodesSchema),
      ...problems(400, 401, 403, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const context = personOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    return c.json({ codes: [...(await renew(context, c.req.valid('json').password))] }, 200);
  },
});
