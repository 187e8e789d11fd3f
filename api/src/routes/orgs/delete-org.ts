import { deleteOrgRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems } from '../../http/operation.ts';
import { deleteOrg as remove } from '../../services/orgs/delete-org.ts';

export const deleteOrg = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/org/deletion',
    operationId: 'deleteOrg',
    tags: ['Account'],
    summary: 'Deletes the org with everything in it',
    ...allow('org:manage'),
    request: { ...jsonBody(deleteOrgRequestSchema) },
    responses: {
      204: { description: 'There is no such org any more; its audit log stays.' },
      ...problems(400, 401, 403, 404, 409, 415, 429),
    },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    await remove(context, c.req.valid('json'));
    return c.body(null, 204);
  },
});
