import { fingerprintSchema, restoredSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { restoreGroup } from '../../services/dead-letters/dismiss.ts';

export const restoreDeadLetterGroup = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/dead-letter-groups/{fingerprint}/restore',
    operationId: 'restoreDeadLetterGroup',
    tags: ['Attention'],
    summary: 'Takes back every dismissal in a group',
    ...allowOn('flow', 'deadLetters:dismiss'),
    request: { params: z.object({ fingerprint: fingerprintSchema }) },
    responses: {
      200: reply('How many came back.', restoredSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await restoreGroup(contextOf(c), c.req.valid('param').fingerprint), 200),
});
