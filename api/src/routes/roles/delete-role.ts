import { roleIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { deleteRole as deleteRoleOfOrg } from '../../services/roles/roles.ts';

export const deleteRole = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/roles/{roleId}',
    operationId: 'deleteRole',
    tags: ['Access'],
    summary: 'Deletes a role that nobody has',
    ...allow('roles:manage'),
    request: { params: z.object({ roleId: roleIdSchema }) },
    responses: { 204: { description: 'Deleted.' }, ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    await deleteRoleOfOrg(contextOf(c), c.req.valid('param').roleId);
    return c.body(null, 204);
  },
});
