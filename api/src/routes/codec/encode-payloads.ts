import { payloadsSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, problems, reply } from '../../http/operation.ts';
import { problem } from '../../problems.ts';

export const encodePayloads = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/codec/encode',
    operationId: 'encodePayloads',
    tags: ['Temporal'],
    summary: 'Refused: values enter Temporal through this API only',
    description:
      'A repair or start that was typed into the Temporal UI would pass no permission check, so nothing is sealed for it.',
    ...allow('payloads:decode'),

    responses: { 200: reply('Never.', payloadsSchema), ...problems(401, 403, 429) },
  }),
  handler: () => {
    throw problem('not_allowed', 'Values are sealed by the API and the CLI only. Start and repair runs there.');
  },
});
