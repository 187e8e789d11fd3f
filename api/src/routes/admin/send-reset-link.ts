import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowInstanceAdministrator, personOf, problems } from '../../http/operation.ts';
import { sendResetLink as send } from '../../services/admin/administer.ts';

export const sendResetLink = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/admin/users/{userId}/reset-link',
    operationId: 'sendResetLink',
    tags: ['Administration'],
    summary: 'Mails a person a link that sets a new password',
    ...allowInstanceAdministrator(),
    request: { params: z.object({ userId: z.string().min(1).max(100) }) },
    responses: { 204: { description: 'The mail is on its way.' }, ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await send(personOf(c), c.req.valid('param').userId);
    return c.body(null, 204);
  },
});
