import { repairJobSchema } from '@everwave/schema/api';
import { repairJobIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { cancelRepairJob as cancelRepairJobOfOrg } from '../../services/repair-jobs/cancel-repair-job.ts';

export const cancelRepairJob = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/repair-jobs/{repairJobId}/cancel',
    operationId: 'cancelRepairJob',
    tags: ['Attention'],
    summary: 'Stops a repair before its next letter',
    ...allowOn('flow', 'deadLetters:repair'),
    request: { params: z.object({ repairJobId: repairJobIdSchema }) },
    responses: {
      200: reply('The repair as it is now. What was sent takes its course.', repairJobSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await cancelRepairJobOfOrg(contextOf(c), c.req.valid('param').repairJobId), 200),
});
