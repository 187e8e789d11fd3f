import { repairReplySchema, repairRequestSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { repairRunOfOrg } from '../../services/runs/repair-run.ts';

export const repairRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/runs/{runId}/repair',
    operationId: 'repairRun',
    tags: ['Runs'],
    summary: 'Repairs a run: retry, complete or skip a step, fail or cancel the run',
    description:
      'The run checks the repair against its own state before anything happens. A refusal is a 409 whose `errors[0].code` says why.',
    ...allowOn('flow', 'runs:repair'),
    request: { params: z.object({ runId: runIdSchema }), ...jsonBody(repairRequestSchema) },
    responses: {
      200: reply('Done: the run said what it is now.', repairReplySchema),
      ...problems(400, 401, 403, 404, 409, 415, 422, 429, 503),
    },
  }),
  handler: async (c) =>
    c.json(await repairRunOfOrg(contextOf(c), c.req.valid('param').runId, c.req.valid('json')), 200),
});
