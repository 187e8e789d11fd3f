import { deadLetterDetailSchema, dismissRequestSchema } from '@everwave/schema/api';
import { deadLetterIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { dismissLetter } from '../../services/dead-letters/dismiss.ts';

export const dismissDeadLetter = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/dead-letters/{deadLetterId}/dismiss',
    operationId: 'dismissDeadLetter',
    tags: ['Attention'],
    summary: 'Takes a dead letter out of the inbox, with a reason',
    description:
      'Its run goes on waiting until its limit, or ends as failed at once, as you choose. A dismissal can be taken back.',
    ...allowOn('flow', 'deadLetters:dismiss'),
    request: { params: z.object({ deadLetterId: deadLetterIdSchema }), ...jsonBody(dismissRequestSchema) },
    responses: {
      200: reply('The letter as it is now.', deadLetterDetailSchema),
      ...problems(400, 401, 403, 404, 409, 415, 429, 503),
    },
  }),
  handler: async (c) =>
    c.json(await dismissLetter(contextOf(c), c.req.valid('param').deadLetterId, c.req.valid('json')), 200),
});
