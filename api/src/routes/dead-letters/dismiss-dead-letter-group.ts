import { dismissRequestSchema, dismissedSchema, fingerprintSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { dismissGroup } from '../../services/dead-letters/dismiss.ts';

export const dismissDeadLetterGroup = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/dead-letter-groups/{fingerprint}/dismiss',
    operationId: 'dismissDeadLetterGroup',
    tags: ['Attention'],
    summary: 'Takes every open letter of a group out of the inbox',
    description: 'With `run: fail` a repair ends their runs as failed; its progress is read like that of any other.',
    ...allowOn('flow', 'deadLetters:dismiss'),
    request: { params: z.object({ fingerprint: fingerprintSchema }), ...jsonBody(dismissRequestSchema) },
    responses: {
      200: reply('How many left it.', dismissedSchema),
      ...problems(400, 401, 403, 404, 409, 415, 429),
    },
  }),
  handler: async (c) =>
    c.json(await dismissGroup(contextOf(c), c.req.valid('param').fingerprint, c.req.valid('json')), 200),
});
