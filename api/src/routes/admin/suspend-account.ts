import { accountSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowInstanceAdministrator, personOf, problems, reply } from '../../http/operation.ts';
import { suspendAccount as suspend } from '../../services/admin/administer.ts';

export const suspendAccount = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/admin/users/{userId}/suspend',
    operationId: 'suspendAccount',
    tags: ['Administration'],
    summary: 'Refuses everything of a person at once; their runs go on',
    ...allowInstanceAdministrator(),
    request: { params: z.object({ userId: z.string().min(1).max(100) }) },
    responses: { 200: reply('The account.', accountSchema), ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => c.json(await suspend(personOf(c), c.req.valid('param').userId), 200),
});
