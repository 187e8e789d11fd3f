import { unsubscribedSchema, unsubscribeRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, jsonBody, openToAll, problems, reply } from '../../http/operation.ts';
import { unsubscribe as end } from '../../services/identity/unsubscribe.ts';

export const unsubscribe = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/unsubscribe',
    operationId: 'unsubscribe',
    tags: ['Sign-in'],
    summary: 'Ends one kind of mail for whom a mail went to',

    ...openToAll('The sealed token of the mailed link is the proof, and all it can do is end that kind of mail.'),
    request: { ...jsonBody(unsubscribeRequestSchema) },
    responses: {
      200: reply('What comes no more, and from which org.', unsubscribedSchema),
      ...problems(400, 403, 404, 415, 429),
    },
  }),
  handler: async (c) => {
    return c.json(await end(dependenciesOf(c), c.req.valid('json').token), 200);
  },
});
