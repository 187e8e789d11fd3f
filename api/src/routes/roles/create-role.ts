import { createRoleRequestSchema, roleSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createRole as createRoleOfOrg } from '../../services/roles/roles.ts';

export const createRole = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/roles',
    operationId: 'createRole',
    tags: ['Access'],
    summary: 'Makes a role',
    ...allow('roles:manage'),
    request: { ...jsonBody(createRoleRequestSchema) },
    responses: { 201: reply('The role.', roleSchema), ...problems(400, 401, 403, 409, 415, 429) },
  }),
  handler: async (c) => c.json(await createRoleOfOrg(contextOf(c), c.req.valid('json')), 201),
});
