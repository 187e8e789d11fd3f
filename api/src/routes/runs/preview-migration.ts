import { migratePreviewSchema, migrateRequestSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, optionalJsonBody, problems, reply } from '../../http/operation.ts';
import { previewMigration as preview } from '../../services/runs/migrate-run.ts';

export const previewMigration = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/runs/{runId}/migrate/preview',
    operationId: 'previewMigration',
    tags: ['Runs'],
    summary: 'Whether a run could go on under another version of its flow',
    description: 'The run itself is asked; nothing is changed.',
    ...allowOn('flow', 'runs:migrate'),
    request: { params: z.object({ runId: runIdSchema }), ...optionalJsonBody(migrateRequestSchema) },
    responses: {
      200: reply('The verdict.', migratePreviewSchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 429, 503),
    },
  }),
  handler: async (c) => {
    // Without a body nothing fills in what is left out.
    const request = migrateRequestSchema.parse(c.req.valid('json'));
    const { runId } = c.req.valid('param');
    return c.json(await preview(contextOf(c), runId, request), 200);
  },
});
