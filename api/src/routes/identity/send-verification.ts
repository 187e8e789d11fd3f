import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, personOf, problems } from '../../http/operation.ts';
import { sendVerification as send } from '../../services/identity/verify-email.ts';

export const sendVerification = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/email-verifications',
    operationId: 'sendVerification',
    tags: ['Sign-in'],
    summary: 'Mails the link that confirms your address again',

    ...allowSignedIn(),
    responses: { 204: { description: 'A mail is on its way.' }, ...problems(401, 403, 409, 429) },
  }),
  handler: async (c) => {
    const context = personOf(c);
    await c.get('shared').attempts.consume(`mail:${context.caller.id}`);
    await send(context);
    return c.body(null, 204);
  },
});
