import { deadLetterGroupListSchema, listDeadLetterGroupsQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listGroups } from '../../services/dead-letters/list-groups.ts';

export const listDeadLetterGroups = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/dead-letter-groups',
    operationId: 'listDeadLetterGroups',
    tags: ['Attention'],
    summary: 'Lists dead letters by what they have in common',
    description: 'A group is one flow, one node and one failure name: its letters want the same repair.',
    ...allowOn('flow', 'deadLetters:read'),
    request: { query: listDeadLetterGroupsQuerySchema },
    responses: {
      200: reply('A page of groups, the one that was seen last first.', deadLetterGroupListSchema),
      ...problems(400, 401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await listGroups(contextOf(c), c.req.valid('query')), 200),
});
