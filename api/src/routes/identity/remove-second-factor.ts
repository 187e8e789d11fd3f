import { passwordRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems } from '../../http/operation.ts';
import { removeSecondFactor as remove } from '../../services/identity/second-factor.ts';

export const removeSecondFactor = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/me/second-factor/remove',
    operationId: 'removeSecondFactor',
    tags: ['Sign-in'],
    summary: 'Removes the second factor',

    ...allowSignedIn(),
    request: { ...jsonBody(passwordRequestSchema) },
    responses: { 204: { description: 'Removed.' }, ...problems(400, 401, 403, 409, 415, 422, 429) },
  }),
  handler: async (c) => {
    const context = personOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    await remove(context, c.req.valid('json').password);
    return c.body(null, 204);
  },
});
