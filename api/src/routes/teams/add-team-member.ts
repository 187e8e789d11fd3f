import { teamSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { addTeamMember as add } from '../../services/teams/teams.ts';

export const addTeamMember = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/teams/{teamId}/members/{memberId}',
    operationId: 'addTeamMember',
    tags: ['Members'],
    summary: 'Takes a member into a team',
    ...allow('members:manage'),
    request: { params: z.object({ teamId: z.string().min(1).max(100), memberId: z.string().min(1).max(100) }) },
    responses: { 200: reply('The team.', teamSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await add(contextOf(c), c.req.valid('param')), 200),
});
