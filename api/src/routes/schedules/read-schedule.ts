import { scheduleSchema } from '@everwave/schema/api';
import { triggerIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readSchedule as read } from '../../services/schedules/read-schedules.ts';

export const readSchedule = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/schedules/{scheduleId}',
    operationId: 'readSchedule',
    tags: ['Schedules'],
    summary: 'Reads a schedule with its next times',
    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ scheduleId: triggerIdSchema }) },
    responses: {
      200: reply('The schedule.', scheduleSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => c.json(await read(contextOf(c), c.req.valid('param').scheduleId), 200),
});
