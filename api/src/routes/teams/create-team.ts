import { createTeamRequestSchema, teamSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createTeam as create } from '../../services/teams/teams.ts';

export const createTeam = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/teams',
    operationId: 'createTeam',
    tags: ['Members'],
    summary: 'Creates a team without members',
    ...allow('members:manage'),
    request: { ...jsonBody(createTeamRequestSchema) },
    responses: { 201: reply('The team.', teamSchema), ...problems(400, 401, 403, 409, 415, 429) },
  }),
  handler: async (c) => c.json(await create(contextOf(c), c.req.valid('json').name), 201),
});
