import { listRepairJobsQuerySchema, repairJobListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listRepairJobs as listRepairJobsOfOrg } from '../../services/repair-jobs/read-repair-jobs.ts';

export const listRepairJobs = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/repair-jobs',
    operationId: 'listRepairJobs',
    tags: ['Attention'],
    summary: 'Lists repairs of groups',
    ...allowOn('flow', 'deadLetters:read'),
    request: { query: listRepairJobsQuerySchema },
    responses: {
      200: reply('A page of repairs, newest first.', repairJobListSchema),
      ...problems(400, 401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await listRepairJobsOfOrg(contextOf(c), c.req.valid('query')), 200),
});
