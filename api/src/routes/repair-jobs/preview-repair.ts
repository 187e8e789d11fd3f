import { fingerprintSchema, groupRepairRequestSchema, repairPreviewSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { previewRepair } from '../../services/repair-jobs/create-repair-job.ts';

export const previewGroupRepair = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/dead-letter-groups/{fingerprint}/repairs/preview',
    operationId: 'previewGroupRepair',
    tags: ['Attention'],
    summary: 'Says in numbers what a repair of a group would do',
    ...allowOn('flow', 'deadLetters:repair'),
    request: { params: z.object({ fingerprint: fingerprintSchema }), ...jsonBody(groupRepairRequestSchema) },
    responses: {
      200: reply('What it would do. Nothing was done.', repairPreviewSchema),
      ...problems(400, 401, 403, 404, 415, 429),
    },
  }),
  handler: async (c) =>
    c.json(await previewRepair(contextOf(c), c.req.valid('param').fingerprint, c.req.valid('json')), 200),
});
