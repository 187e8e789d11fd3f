import { tagListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listTags as list } from '../../services/flows/list-tags.ts';

export const listTags = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/tags',
    operationId: 'listTags',
    tags: ['Flows'],
    summary: 'Lists the tags in use',

    ...allowOn('flow', 'flows:read'),

    responses: { 200: reply('Each tag with the number of its flows.', tagListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json({ items: await list(contextOf(c)) }, 200),
});
