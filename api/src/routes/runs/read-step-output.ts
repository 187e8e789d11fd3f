import { stepValueQuerySchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems } from '../../http/operation.ts';
import { streamValue, valueContent } from '../../http/stream-value.ts';
import { readStepOutput as read } from '../../services/runs/read-value.ts';

export const readStepOutput = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/steps/{path}/output',
    operationId: 'readStepOutput',
    tags: ['Runs'],
    summary: "Reads a step's whole output",
    description: 'Streams the JSON, however large it is.',
    ...allowOn('flow', 'runs:read'),
    request: {
      params: z.object({ runId: runIdSchema, path: z.string().min(1).max(400) }),
      query: stepValueQuerySchema,
    },
    responses: {
      200: { description: 'The value, as it comes.', content: valueContent },
      ...problems(400, 401, 403, 404, 413, 429),
    },
  }),
  handler: async (c) => streamValue(c, await read(contextOf(c), { ...c.req.valid('param'), ...c.req.valid('query') })),
});
