import { rerunRequestSchema, startedRunSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, idempotencyKeyHeader, optionalJsonBody, problems, reply } from '../../http/operation.ts';
import { rerunRunOfOrg } from '../../services/runs/rerun-run.ts';

export const rerunRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/runs/{runId}/rerun',
    operationId: 'rerunRun',
    tags: ['Runs'],
    summary: 'Starts a new run with the same input',
    description:
      'Every step runs again, and what it does to the world happens again. To go on with this run, repair it.',

    ...allowOn('flow', 'runs:start'),
    request: {
      params: z.object({ runId: runIdSchema }),
      headers: idempotencyKeyHeader,
      ...optionalJsonBody(rerunRequestSchema),
    },
    responses: {
      202: reply('Accepted: the new run is stored and will start.', startedRunSchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 429),
    },
  }),
  handler: async (c) => {
    const { 'idempotency-key': idempotencyKey } = c.req.valid('header');
    // Without a body nothing fills in what is left out.
    const { version } = rerunRequestSchema.parse(c.req.valid('json'));
    const started = await rerunRunOfOrg(contextOf(c), c.req.valid('param').runId, { version, idempotencyKey });
    c.header('location', `/v1/runs/${started.runId}`);
    return c.json(started, 202);
  },
});
