import { startedRunSchema } from '@everwave/schema/api';
import { triggerIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { triggerSchedule as trigger } from '../../services/schedules/fire-schedule.ts';

export const triggerSchedule = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/schedules/{scheduleId}/trigger',
    operationId: 'triggerSchedule',
    tags: ['Schedules'],
    summary: 'Starts a run now, as if it were time',
    description: 'Also while the schedule is paused, and beside a run that is under way.',
    ...allowOn('flow', 'runs:start'),
    request: { params: z.object({ scheduleId: triggerIdSchema }) },
    responses: {
      202: reply('Accepted: the run is stored and will start.', startedRunSchema),
      ...problems(400, 401, 403, 404, 409, 429),
    },
  }),
  handler: async (c) => c.json(await trigger(contextOf(c), c.req.valid('param').scheduleId), 202),
});
