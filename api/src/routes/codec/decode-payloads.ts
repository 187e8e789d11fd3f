import { payloadsSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { decodeForCaller } from '../../services/codec/decode-for-caller.ts';

export const decodePayloads = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/codec/decode',
    operationId: 'decodePayloads',
    tags: ['Temporal'],
    summary: 'Opens payloads for the Temporal UI',

    ...allow('payloads:decode'),
    request: { ...jsonBody(payloadsSchema) },
    responses: {
      200: reply('As many payloads; those of other orgs as they were.', payloadsSchema),
      ...problems(400, 401, 403, 415, 429),
    },
  }),
  handler: async (c) => c.json({ payloads: await decodeForCaller(contextOf(c), c.req.valid('json').payloads) }, 200),
});
