import { besideSchema, runStepListSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listSteps as list } from '../../services/runs/read-run.ts';

export const listSteps = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/steps',
    operationId: 'listSteps',
    tags: ['Runs'],
    summary: "Lists a run's steps with input and output",

    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema }), query: besideSchema },
    responses: {
      200: reply('The steps, in the order they began.', runStepListSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('param').runId, c.req.valid('query')), 200),
});
