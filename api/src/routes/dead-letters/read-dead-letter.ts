import { deadLetterDetailSchema, unmaskQuery } from '@everwave/schema/api';
import { deadLetterIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readDeadLetter as readDeadLetterOfOrg } from '../../services/dead-letters/read-dead-letter.ts';

export const readDeadLetter = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/dead-letters/{deadLetterId}',
    operationId: 'readDeadLetter',
    tags: ['Attention'],
    summary: "Reads one dead letter with the step's input",
    ...allowOn('flow', 'deadLetters:read'),
    request: { params: z.object({ deadLetterId: deadLetterIdSchema }), query: z.object(unmaskQuery) },
    responses: {
      200: reply('The letter.', deadLetterDetailSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) =>
    c.json(
      await readDeadLetterOfOrg(contextOf(c), c.req.valid('param').deadLetterId, c.req.valid('query').unmask),
      200,
    ),
});
