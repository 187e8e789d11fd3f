import { changeEmailRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, jsonBody, personOf, problems } from '../../http/operation.ts';
import { changeEmail as change } from '../../services/identity/profile.ts';

export const changeEmail = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/me/email',
    operationId: 'changeEmail',
    tags: ['Sign-in'],
    summary: 'Mails a link to a new address that makes it yours',

    ...allowSignedIn(),
    request: { ...jsonBody(changeEmailRequestSchema) },
    responses: {
      204: { description: 'A mail is on its way to the new address.' },
      ...problems(400, 401, 403, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const context = personOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    await change(context, c.req.valid('json'));
    return c.body(null, 204);
  },
});
