import { variableListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listVariables as list } from '../../services/variables/list-variables.ts';

export const listVariables = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/variables',
    operationId: 'listVariables',
    tags: ['Variables'],
    summary: 'Lists the variables that expressions read as `env`',
    ...allow('variables:read'),
    responses: { 200: reply('All of them, by name.', variableListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c)), 200),
});
