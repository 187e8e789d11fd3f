import { pageQuery, runLogListSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listLogs as list } from '../../services/runs/list-logs.ts';

export const listLogs = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/logs',
    operationId: 'listLogs',
    tags: ['Runs'],
    summary: 'Lists what happened in a run, in words',

    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema }), query: z.object(pageQuery) },
    responses: { 200: reply('A page of lines, oldest first.', runLogListSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('param').runId, c.req.valid('query')), 200),
});
