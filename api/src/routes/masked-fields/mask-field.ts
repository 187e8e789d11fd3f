import { maskedFieldNameSchema, maskedFieldSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { maskField as mask } from '../../services/masking/masked-fields.ts';

export const maskField = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/masked-fields/{fieldName}',
    operationId: 'maskField',
    tags: ['Masked fields'],
    summary: 'Masks the values of a field',
    description: 'In everything that is recorded of runs, from the next look on.',
    ...allow('maskedFields:manage'),
    request: { params: z.object({ fieldName: maskedFieldNameSchema }) },
    responses: { 200: reply('The field.', maskedFieldSchema), ...problems(400, 401, 403, 422, 429) },
  }),
  handler: async (c) => c.json(await mask(contextOf(c), c.req.valid('param').fieldName), 200),
});
