import { deadLetterListSchema, listDeadLettersQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listDeadLetters as list } from '../../services/dead-letters/list-dead-letters.ts';

export const listDeadLetters = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/dead-letters',
    operationId: 'listDeadLetters',
    tags: ['Attention'],
    summary: 'Lists steps that wait, or waited, for a person',

    ...allowOn('flow', 'deadLetters:read'),
    request: { query: listDeadLettersQuerySchema },
    responses: {
      200: reply('A page of dead letters, newest first.', deadLetterListSchema),
      ...problems(400, 401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
