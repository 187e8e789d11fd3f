import { besideSchema, runSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readRun as read } from '../../services/runs/read-run.ts';

export const readRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}',
    operationId: 'readRun',
    tags: ['Runs'],
    summary: 'Reads a run with its steps, attempts and logs',

    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema }), query: besideSchema },
    responses: { 200: reply('The run.', runSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await read(contextOf(c), c.req.valid('param').runId, c.req.valid('query')), 200),
});
