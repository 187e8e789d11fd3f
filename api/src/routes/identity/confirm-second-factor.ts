import { codeRequestSchema, recoveryCodesSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems, reply } from '../../http/operation.ts';
import { confirmSecondFactor as confirm } from '../../services/identity/second-factor.ts';

export const confirmSecondFactor = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/me/second-factor/confirm',
    operationId: 'confirmSecondFactor',
    tags: ['Sign-in'],
    summary: 'Turns the second factor on with a first code',

    ...allowSignedIn(),
    request: { ...jsonBody(codeRequestSchema) },
    responses: {
      200: reply('The recovery codes, shown this once.', recoveryCodesSchema),
      ...problems(400, 401, 403, 409, 415, 429),
    },
  }),
  handler: async (c) => {
    return c.json({ codes: [...(await confirm(personOf(c), c.req.valid('json').code))] }, 200);
  },
});
