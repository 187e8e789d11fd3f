import { deadLetterGroupDetailSchema, fingerprintSchema, readDeadLetterGroupQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readGroup } from '../../services/dead-letters/read-group.ts';

export const readDeadLetterGroup = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/dead-letter-groups/{fingerprint}',
    operationId: 'readDeadLetterGroup',
    tags: ['Attention'],
    summary: 'Reads a group with a page of its letters',
    ...allowOn('flow', 'deadLetters:read'),
    request: { params: z.object({ fingerprint: fingerprintSchema }), query: readDeadLetterGroupQuerySchema },
    responses: {
      200: reply('The group.', deadLetterGroupDetailSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) =>
    c.json(await readGroup(contextOf(c), c.req.valid('param').fingerprint, c.req.valid('query')), 200),
});
