import { forkPreviewSchema, forkRequestSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { previewFork as preview } from '../../services/runs/fork-run.ts';

export const previewFork = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/runs/{runId}/fork/preview',
    operationId: 'previewFork',
    tags: ['Runs'],
    summary: 'What starting a run again from a step would do',
    description: 'Which steps run again, which effects would happen once more, and whether the version fits.',
    ...allowOn('flow', 'runs:fork'),
    request: { params: z.object({ runId: runIdSchema }), ...jsonBody(forkRequestSchema) },
    responses: {
      200: reply('What would happen.', forkPreviewSchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 429),
    },
  }),
  handler: async (c) => c.json(await preview(contextOf(c), c.req.valid('param').runId, c.req.valid('json')), 200),
});
