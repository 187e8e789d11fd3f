import { teamSchema, updateTeamRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { renameTeam as rename } from '../../services/teams/teams.ts';

export const updateTeam = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/teams/{teamId}',
    operationId: 'updateTeam',
    tags: ['Members'],
    summary: 'Renames a team',
    ...allow('members:manage'),
    request: { params: z.object({ teamId: z.string().min(1).max(100) }), ...jsonBody(updateTeamRequestSchema) },
    responses: { 200: reply('The team.', teamSchema), ...problems(400, 401, 403, 404, 409, 415, 429) },
  }),
  handler: async (c) => c.json(await rename(contextOf(c), c.req.valid('param').teamId, c.req.valid('json').name), 200),
});
