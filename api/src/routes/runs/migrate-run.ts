import { migrateReplySchema, migrateRequestSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, optionalJsonBody, problems, reply } from '../../http/operation.ts';
import { migrateRunOfOrg } from '../../services/runs/migrate-run.ts';

export const migrateRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/runs/{runId}/migrate',
    operationId: 'migrateRun',
    tags: ['Runs'],
    summary: 'Has a run that waits go on under another version of its flow',
    description:
      'Possible when every step that has begun, and the ways that lead to it, are equal there. A refusal is a 409 whose `errors` say why not, step by step.',
    ...allowOn('flow', 'runs:migrate'),
    request: { params: z.object({ runId: runIdSchema }), ...optionalJsonBody(migrateRequestSchema) },
    responses: {
      200: reply('Done: the run goes on under that version.', migrateReplySchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 429, 503),
    },
  }),
  handler: async (c) => {
    // Without a body nothing fills in what is left out.
    const request = migrateRequestSchema.parse(c.req.valid('json'));
    const { runId } = c.req.valid('param');
    return c.json(await migrateRunOfOrg(contextOf(c), runId, request), 200);
  },
});
