import { runEventSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { streamEvents } from '../../events/stream-events.ts';
import { allowOn, contextOf, problems } from '../../http/operation.ts';
import { readChangedRuns } from '../../services/runs/watch-runs.ts';

export const watchRuns = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/events',
    operationId: 'watchRuns',
    tags: ['Runs'],
    summary: "Streams changes of the org's runs",
    description:
      'Server-sent events named `run`, without steps, for lists and counters. Begins with what changes next.',
    ...allowOn('flow', 'runs:read'),
    responses: {
      200: { description: 'The stream.', content: { 'text/event-stream': { schema: runEventSchema } } },
      ...problems(401, 403, 429),
    },
  }),
  handler: (c) => {
    const context = contextOf(c);
    let since = new Date();
    let sent = new Set<string>();
    return streamEvents(c, context, {
      matters: () => true,
      read: async () => {
        const changed = await readChangedRuns(context, since);
        const fresh = changed.filter((event) => !sent.has(JSON.stringify(event)));
        // The newest moment is asked for again: another run may still be committed with it.
        since = new Date(Math.max(since.getTime(), ...changed.map(({ updatedAt }) => Date.parse(updatedAt))));
        sent = new Set(changed.map((event) => JSON.stringify(event)));
        return fresh;
      },
    });
  },
});
