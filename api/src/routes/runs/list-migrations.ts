import { listMigrationsQuerySchema, migrationListSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listMigrations as list } from '../../services/runs/list-migrations.ts';

export const listMigrations = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/migrations',
    operationId: 'listMigrations',
    tags: ['Runs'],
    summary: 'The versions that a run could go on under, each with its verdict',
    description: 'The newest version stands first. The run itself is asked about each; nothing is changed.',
    ...allowOn('flow', 'runs:migrate'),
    request: { params: z.object({ runId: runIdSchema }), query: listMigrationsQuerySchema },
    responses: {
      200: reply('A page of versions.', migrationListSchema),
      ...problems(400, 401, 403, 404, 409, 429, 503),
    },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('param').runId, c.req.valid('query')), 200),
});
