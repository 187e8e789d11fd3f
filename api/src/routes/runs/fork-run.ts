import { forkRequestSchema, startedRunSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, idempotencyKeyHeader, jsonBody, problems, reply } from '../../http/operation.ts';
import { forkRunOfOrg } from '../../services/runs/fork-run.ts';

export const forkRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/runs/{runId}/fork',
    operationId: 'forkRun',
    tags: ['Runs'],
    summary: 'Starts a run again from one of its steps, as a new run',
    description:
      'What stands before the step is taken over and not repeated. What the step and all behind it have done to the world would happen again: each such effect is to be accepted, or the answer is a 409 that lists them. A run that waits is superseded by the new one.',
    ...allowOn('flow', 'runs:fork'),
    request: {
      params: z.object({ runId: runIdSchema }),
      headers: idempotencyKeyHeader,
      ...jsonBody(forkRequestSchema),
    },
    responses: {
      202: reply('Accepted: the new run is stored and will start.', startedRunSchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const { 'idempotency-key': idempotencyKey } = c.req.valid('header');
    const { runId } = c.req.valid('param');
    const started = await forkRunOfOrg(contextOf(c), runId, { ...c.req.valid('json'), idempotencyKey });
    c.header('location', `/v1/runs/${started.runId}`);
    return c.json(started, 202);
  },
});
