import { flowVersionListSchema, pageQuery } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listVersions as list } from '../../services/flows/versions.ts';

export const listVersions = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/flows/{flowId}/versions',
    operationId: 'listVersions',
    tags: ['Flows'],
    summary: "Lists a flow's versions, newest first",

    ...allowOn('flow', 'flows:read'),
    request: { params: z.object({ flowId: flowIdSchema }), query: z.object(pageQuery) },
    responses: { 200: reply('A page of versions.', flowVersionListSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('param').flowId, c.req.valid('query')), 200),
});
