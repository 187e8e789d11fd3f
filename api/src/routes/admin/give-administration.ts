import { accountSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowInstanceAdministrator, personOf, problems, reply } from '../../http/operation.ts';
import { giveAdministration as give } from '../../services/admin/administer.ts';

export const giveAdministration = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/admin/users/{userId}/administrator',
    operationId: 'giveAdministration',
    tags: ['Administration'],
    summary: 'Makes a person an administrator of the installation',
    ...allowInstanceAdministrator(),
    request: { params: z.object({ userId: z.string().min(1).max(100) }) },
    responses: { 200: reply('The account.', accountSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await give(personOf(c), c.req.valid('param').userId), 200),
});
