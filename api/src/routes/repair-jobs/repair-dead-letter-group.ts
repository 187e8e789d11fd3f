import { fingerprintSchema, groupRepairRequestSchema, repairJobSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createRepairJob } from '../../services/repair-jobs/create-repair-job.ts';

export const repairDeadLetterGroup = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/dead-letter-groups/{fingerprint}/repairs',
    operationId: 'repairDeadLetterGroup',
    tags: ['Attention'],
    summary: 'Repairs every open letter of a group: one first, then the rest',
    description:
      'Only when the step of the first run has succeeded do the others follow, so many per second. While a repair of the group is open, another is refused as `repair_in_progress`. The same `requestId` again is the same repair.',
    ...allowOn('flow', 'deadLetters:repair'),
    request: { params: z.object({ fingerprint: fingerprintSchema }), ...jsonBody(groupRepairRequestSchema) },
    responses: {
      202: reply('Begun: it goes on whatever becomes of this process.', repairJobSchema),
      ...problems(400, 401, 403, 404, 409, 415, 422, 429),
    },
  }),
  handler: async (c) =>
    c.json(await createRepairJob(contextOf(c), c.req.valid('param').fingerprint, c.req.valid('json')), 202),
});
