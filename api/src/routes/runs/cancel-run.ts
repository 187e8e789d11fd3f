import { repairReplySchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { cancelRunOfOrg } from '../../services/runs/cancel-run.ts';

export const cancelRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/runs/{runId}/cancel',
    operationId: 'cancelRun',
    tags: ['Runs'],
    summary: 'Cancels a run',

    ...allowOn('flow', 'runs:repair'),
    request: { params: z.object({ runId: runIdSchema }) },
    responses: {
      202: reply('Accepted; running activities are told.', repairReplySchema),
      ...problems(400, 401, 403, 404, 409, 429, 503),
    },
  }),
  handler: async (c) => c.json(await cancelRunOfOrg(contextOf(c), c.req.valid('param').runId), 202),
});
