import { accountSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowInstanceAdministrator, personOf, problems, reply } from '../../http/operation.ts';
import { restoreAccount as restore } from '../../services/admin/administer.ts';

export const restoreAccount = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/admin/users/{userId}/restore',
    operationId: 'restoreAccount',
    tags: ['Administration'],
    summary: 'Lets a suspended person sign in again',
    ...allowInstanceAdministrator(),
    request: { params: z.object({ userId: z.string().min(1).max(100) }) },
    responses: { 200: reply('The account.', accountSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await restore(personOf(c), c.req.valid('param').userId), 200),
});
