import { roleSchema, updateRoleRequestSchema } from '@everwave/schema/api';
import { roleIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { updateRole as updateRoleOfOrg } from '../../services/roles/roles.ts';

export const updateRole = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/roles/{roleId}',
    operationId: 'updateRole',
    tags: ['Access'],
    summary: 'Changes a role, for whoever has it at once',
    ...allow('roles:manage'),
    request: { params: z.object({ roleId: roleIdSchema }), ...jsonBody(updateRoleRequestSchema) },
    responses: { 200: reply('The role as it is now.', roleSchema), ...problems(400, 401, 403, 404, 409, 415, 429) },
  }),
  handler: async (c) =>
    c.json(await updateRoleOfOrg(contextOf(c), c.req.valid('param').roleId, c.req.valid('json')), 200),
});
