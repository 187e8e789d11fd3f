import { startedRunSchema, startRunRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, idempotencyKeyHeader, optionalJsonBody, problems, reply } from '../../http/operation.ts';
import { startRunOfFlow } from '../../services/runs/start-run.ts';

export const startRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/{flowId}/runs',
    operationId: 'startRun',
    tags: ['Runs'],
    summary: 'Starts a run of the live version',

    ...allowOn('flow', 'runs:start'),
    request: {
      params: z.object({ flowId: flowIdSchema }),
      headers: idempotencyKeyHeader,
      ...optionalJsonBody(startRunRequestSchema),
    },
    responses: {
      202: reply('Accepted: the run is stored and will start.', startedRunSchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const { 'idempotency-key': idempotencyKey } = c.req.valid('header');
    const { input } = c.req.valid('json');
    const started = await startRunOfFlow(contextOf(c), c.req.valid('param').flowId, { input, idempotencyKey });
    c.header('location', `/v1/runs/${started.runId}`);
    return c.json(started, 202);
  },
});
