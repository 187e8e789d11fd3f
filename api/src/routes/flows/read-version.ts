import { flowVersionSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { readVersion as read } from '../../services/flows/versions.ts';

export const readVersion = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/flows/{flowId}/versions/{version}',
    operationId: 'readVersion',
    tags: ['Flows'],
    summary: 'Reads one version with its drawing',

    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ flowId: flowIdSchema, version: z.coerce.number().int().min(1).max(1_000_000) }) },
    responses: { 200: reply('The version.', flowVersionSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    const { flowId, version } = c.req.valid('param');
    return c.json(await read(contextOf(c), flowId, version), 200);
  },
});
