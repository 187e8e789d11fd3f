import { setVariableRequestSchema, variableNameSchema, variableSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { setVariable as set } from '../../services/variables/set-variable.ts';

const headers = z.object({
  'if-none-match': z.literal('*').optional().meta({ description: 'With `*` it adds a variable, and replaces none.' }),
});

export const setVariable = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/variables/{variableName}',
    operationId: 'setVariable',
    tags: ['Variables'],
    summary: 'Adds or replaces a variable',
    ...allow('variables:write'),
    request: {
      params: z.object({ variableName: variableNameSchema }),
      headers,
      ...jsonBody(setVariableRequestSchema),
    },
    responses: {
      200: reply('The variable; of a secret one without its value.', variableSchema),
      ...problems(400, 401, 403, 409, 415, 422, 429),
    },
  }),
  handler: async (c) => {
    const isNew = c.req.valid('header')['if-none-match'] === '*';
    return c.json(await set(contextOf(c), c.req.valid('param').variableName, { ...c.req.valid('json'), isNew }), 200);
  },
});
