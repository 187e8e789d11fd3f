import { deadLetterDetailSchema } from '@everwave/schema/api';
import { deadLetterIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { restoreLetter } from '../../services/dead-letters/dismiss.ts';

export const restoreDeadLetter = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/dead-letters/{deadLetterId}/restore',
    operationId: 'restoreDeadLetter',
    tags: ['Attention'],
    summary: 'Takes a dismissal back',
    ...allowOn('flow', 'deadLetters:dismiss'),
    request: { params: z.object({ deadLetterId: deadLetterIdSchema }) },
    responses: {
      200: reply('The letter as it is now.', deadLetterDetailSchema),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  handler: async (c) => c.json(await restoreLetter(contextOf(c), c.req.valid('param').deadLetterId), 200),
});
