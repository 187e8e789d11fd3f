import { variableNameSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { deleteVariable as remove } from '../../services/variables/delete-variable.ts';

export const deleteVariable = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/variables/{variableName}',
    operationId: 'deleteVariable',
    tags: ['Variables'],
    summary: 'Deletes a variable that no live flow reads',
    ...allow('variables:write'),
    request: { params: z.object({ variableName: variableNameSchema }) },
    responses: { 204: { description: 'Deleted.' }, ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    await remove(contextOf(c), c.req.valid('param').variableName);
    return c.body(null, 204);
  },
});
