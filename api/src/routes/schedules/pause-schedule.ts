import { pauseScheduleRequestSchema, scheduleSchema } from '@everwave/schema/api';
import { triggerIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { pauseSchedule as pause } from '../../services/schedules/pause-schedule.ts';
import { readSchedule } from '../../services/schedules/read-schedules.ts';

export const pauseSchedule = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/schedules/{scheduleId}/pause',
    operationId: 'pauseSchedule',
    tags: ['Schedules'],
    summary: 'Pauses a schedule',
    description: 'No time fires until it is resumed; runs that are under way go on.',
    ...allowOn('flow', 'flows:publish'),
    request: { params: z.object({ scheduleId: triggerIdSchema }), ...jsonBody(pauseScheduleRequestSchema) },
    responses: {
      200: reply('The schedule as it is now.', scheduleSchema),
      ...problems(400, 401, 403, 404, 415, 429),
    },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const { scheduleId } = c.req.valid('param');
    await pause(context, scheduleId, c.req.valid('json').reason);
    return c.json(await readSchedule(context, scheduleId), 200);
  },
});
