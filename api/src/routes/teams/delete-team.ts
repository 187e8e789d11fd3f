import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { deleteTeam as remove } from '../../services/teams/teams.ts';

export const deleteTeam = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/teams/{teamId}',
    operationId: 'deleteTeam',
    tags: ['Members'],
    summary: 'Deletes a team; its members stay in the org',
    ...allow('members:manage'),
    request: { params: z.object({ teamId: z.string().min(1).max(100) }) },
    responses: { 204: { description: 'There is no such team any more.' }, ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await remove(contextOf(c), c.req.valid('param').teamId);
    return c.body(null, 204);
  },
});
