import { type RunEvent, runEventSchema } from '@everwave/schema/api';
import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { streamEvents } from '../../events/stream-events.ts';
import { allowOn, contextOf, problems } from '../../http/operation.ts';
import { readRunEvent } from '../../services/runs/watch-runs.ts';

export const watchRun = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/events',
    operationId: 'watchRun',
    tags: ['Runs'],
    summary: 'Streams the states of a run and its steps',
    description:
      'Server-sent events named `run`: the state now, then each change. Values are read with the run itself.',
    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema }) },
    responses: {
      200: { description: 'The stream.', content: { 'text/event-stream': { schema: runEventSchema } } },
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    const { runId } = c.req.valid('param');
    let sent = '';
    const onceEach = (event: RunEvent): readonly RunEvent[] => {
      const text = JSON.stringify(event);
      if (text === sent) return [];
      sent = text;
      return [event];
    };
    // Read once before the stream begins: a run that is not theirs is a plain 404.
    await readRunEvent(context, runId);
    return streamEvents(c, context, {
      matters: (notice) => notice.runId === runId,
      read: async () => onceEach(await readRunEvent(context, runId)),
    });
  },
});
