import { listRepairJobLettersQuerySchema, repairJobLetterListSchema } from '@everwave/schema/api';
import { repairJobIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listRepairJobLetters as listRepairJobLettersOfOrg } from '../../services/repair-jobs/read-repair-jobs.ts';

export const listRepairJobLetters = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/repair-jobs/{repairJobId}/letters',
    operationId: 'listRepairJobLetters',
    tags: ['Attention'],
    summary: 'Lists what became of each letter of a repair',
    ...allowOn('flow', 'deadLetters:read'),
    request: { params: z.object({ repairJobId: repairJobIdSchema }), query: listRepairJobLettersQuerySchema },
    responses: {
      200: reply('A page of letters, in the order in which they are repaired.', repairJobLetterListSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) =>
    c.json(await listRepairJobLettersOfOrg(contextOf(c), c.req.valid('param').repairJobId, c.req.valid('query')), 200),
});
