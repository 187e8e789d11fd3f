import { listSchedulesQuerySchema, scheduleListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listSchedules as list } from '../../services/schedules/read-schedules.ts';

export const listSchedules = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/schedules',
    operationId: 'listSchedules',
    tags: ['Schedules'],
    summary: 'Lists the schedules of live flows',
    ...allowOn('flow', 'flows:read'),
    request: { query: listSchedulesQuerySchema },
    responses: {
      200: reply('A page of schedules.', scheduleListSchema),
      ...problems(400, 401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
