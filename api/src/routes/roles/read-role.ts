import { roleSchema } from '@everwave/schema/api';
import { roleIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readRole as readRoleOfOrg } from '../../services/roles/roles.ts';

export const readRole = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/roles/{roleId}',
    operationId: 'readRole',
    tags: ['Access'],
    summary: 'Shows one of the roles that the org made',
    ...allow('flows:read'),
    request: { params: z.object({ roleId: roleIdSchema }) },
    responses: { 200: reply('The role.', roleSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await readRoleOfOrg(contextOf(c), c.req.valid('param').roleId), 200),
});
