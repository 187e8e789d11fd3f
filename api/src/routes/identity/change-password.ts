import { changePasswordRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems } from '../../http/operation.ts';
import { changePassword as change } from '../../services/identity/profile.ts';

export const changePassword = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/me/password',
    operationId: 'changePassword',
    tags: ['Sign-in'],
    summary: 'Changes your password and ends your other sessions',

    ...allowSignedIn(),
    request: { ...jsonBody(changePasswordRequestSchema) },
    responses: { 204: { description: 'Changed.' }, ...problems(400, 401, 403, 415, 422, 429) },
  }),
  handler: async (c) => {
    const context = personOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    await change(context, c.req.valid('json'));
    return c.body(null, 204);
  },
});
