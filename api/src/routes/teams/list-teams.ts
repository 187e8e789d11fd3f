import { teamListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listTeams as list } from '../../services/teams/teams.ts';

export const listTeams = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/teams',
    operationId: 'listTeams',
    tags: ['Members'],
    summary: 'Lists the teams of the org with their members',
    ...allow('members:read'),
    responses: { 200: reply('The teams, by name.', teamListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json({ items: await list(contextOf(c)) }, 200),
});
