import { runAttemptListSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listAttempts as list } from '../../services/runs/list-logs.ts';

export const listAttempts = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/attempts',
    operationId: 'listAttempts',
    tags: ['Runs'],
    summary: 'Lists every attempt of every step',

    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema }) },
    responses: {
      200: reply('The attempts, oldest first.', runAttemptListSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json({ items: await list(contextOf(c), c.req.valid('param').runId) }, 200),
});
