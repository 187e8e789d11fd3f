import { scheduleSchema } from '@everwave/schema/api';
import { triggerIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { resumeSchedule as resume } from '../../services/schedules/pause-schedule.ts';
import { readSchedule } from '../../services/schedules/read-schedules.ts';

export const resumeSchedule = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/schedules/{scheduleId}/resume',
    operationId: 'resumeSchedule',
    tags: ['Schedules'],
    summary: 'Resumes a paused schedule',
    description: 'It goes on with the next time. What passed meanwhile can be made up for with a backfill.',
    ...allowOn('flow', 'flows:publish'),
    request: { params: z.object({ scheduleId: triggerIdSchema }) },
    responses: {
      200: reply('The schedule as it is now.', scheduleSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const { scheduleId } = c.req.valid('param');
    await resume(context, scheduleId);
    return c.json(await readSchedule(context, scheduleId), 200);
  },
});
