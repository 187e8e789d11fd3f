import { maskedFieldListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listMaskedFields as list } from '../../services/masking/masked-fields.ts';

export const listMaskedFields = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/masked-fields',
    operationId: 'listMaskedFields',
    tags: ['Masked fields'],
    summary: 'Lists the fields whose values are masked',
    ...allow('runs:read'),
    responses: { 200: reply('All of them, by name.', maskedFieldListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c)), 200),
});
