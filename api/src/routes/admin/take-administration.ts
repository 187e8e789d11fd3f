import { accountSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowInstanceAdministrator, personOf, problems, reply } from '../../http/operation.ts';
import { takeAdministration as take } from '../../services/admin/administer.ts';

export const takeAdministration = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/admin/users/{userId}/administrator',
    operationId: 'takeAdministration',
    tags: ['Administration'],
    summary: 'Takes the administration of the installation from a person',
    ...allowInstanceAdministrator(),
    request: { params: z.object({ userId: z.string().min(1).max(100) }) },
    responses: { 200: reply('The account.', accountSchema), ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => c.json(await take(personOf(c), c.req.valid('param').userId), 200),
});
