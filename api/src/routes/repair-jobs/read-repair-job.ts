import { repairJobSchema } from '@everwave/schema/api';
import { repairJobIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readRepairJob as readRepairJobOfOrg } from '../../services/repair-jobs/read-repair-jobs.ts';

export const readRepairJob = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/repair-jobs/{repairJobId}',
    operationId: 'readRepairJob',
    tags: ['Attention'],
    summary: 'Reads how far a repair has come',
    ...allowOn('flow', 'deadLetters:read'),
    request: { params: z.object({ repairJobId: repairJobIdSchema }) },
    responses: {
      200: reply('The repair with its counts.', repairJobSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await readRepairJobOfOrg(contextOf(c), c.req.valid('param').repairJobId), 200),
});
