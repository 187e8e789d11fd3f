import { pageQuery, runFileListSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listFiles } from '../../services/runs/find-files.ts';

export const listRunFiles = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/files',
    operationId: 'listRunFiles',
    tags: ['Runs'],
    summary: 'Lists the files that a run has made',
    description: 'Also those of its sub-flows.',
    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema }), query: z.object(pageQuery) },
    responses: {
      200: reply('A page of files, oldest first.', runFileListSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await listFiles(contextOf(c), c.req.valid('param').runId, c.req.valid('query')), 200),
});
