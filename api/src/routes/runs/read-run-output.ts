import { unmaskQuery } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems } from '../../http/operation.ts';
import { streamValue, valueContent } from '../../http/stream-value.ts';
import { readRunOutput as read } from '../../services/runs/read-value.ts';

export const readRunOutput = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/output',
    operationId: 'readRunOutput',
    tags: ['Runs'],
    summary: 'Reads what a run has given',
    description: 'Streams the JSON, however large it is.',
    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema }), query: z.object(unmaskQuery) },
    responses: {
      200: { description: 'The value, as it comes.', content: valueContent },
      ...problems(400, 401, 403, 404, 413, 429),
    },
  }),
  handler: async (c) =>
    streamValue(c, await read(contextOf(c), c.req.valid('param').runId, c.req.valid('query').unmask)),
});
