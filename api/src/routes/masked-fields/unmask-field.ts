import { maskedFieldNameSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { unmaskField as unmask } from '../../services/masking/masked-fields.ts';

export const unmaskField = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/masked-fields/{fieldName}',
    operationId: 'unmaskField',
    tags: ['Masked fields'],
    summary: 'Masks the values of a field no longer',
    ...allow('maskedFields:manage'),
    request: { params: z.object({ fieldName: maskedFieldNameSchema }) },
    responses: { 204: { description: 'Its values are shown.' }, ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await unmask(contextOf(c), c.req.valid('param').fieldName);
    return c.body(null, 204);
  },
});
