import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { removeTeamMember as remove } from '../../services/teams/teams.ts';

export const removeTeamMember = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/teams/{teamId}/members/{memberId}',
    operationId: 'removeTeamMember',
    tags: ['Members'],
    summary: 'Takes a member out of a team',
    ...allow('members:manage'),
    request: { params: z.object({ teamId: z.string().min(1).max(100), memberId: z.string().min(1).max(100) }) },
    responses: {
      204: { description: 'The person is not in the team any more.' },
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => {
    await remove(contextOf(c), c.req.valid('param'));
    return c.body(null, 204);
  },
});
