import { backfilledSchema, backfillRequestSchema, mostBackfilled } from '@everwave/schema/api';
import { triggerIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { backfillSchedule as backfill } from '../../services/schedules/fire-schedule.ts';

export const backfillSchedule = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/schedules/{scheduleId}/backfill',
    operationId: 'backfillSchedule',
    tags: ['Schedules'],
    summary: 'Makes up for times that have passed',
    description: `Starts a run for each time of a span, at most ${mostBackfilled}, that has none. Asked for again, it starts nothing twice.`,
    ...allowOn('flow', 'runs:start'),
    request: { params: z.object({ scheduleId: triggerIdSchema }), ...jsonBody(backfillRequestSchema) },
    responses: {
      202: reply('Accepted: the runs are stored and will start.', backfilledSchema),
      ...problems(400, 401, 403, 404, 409, 415, 422, 429, 503),
    },
  }),
  handler: async (c) => c.json(await backfill(contextOf(c), c.req.valid('param').scheduleId, c.req.valid('json')), 202),
});
