import { folderListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { listFolders as listFoldersOfOrg } from '../../services/folders/folders.ts';

export const listFolders = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/folders',
    operationId: 'listFolders',
    tags: ['Flows'],
    summary: 'Lists the folders of flows',
    ...allowOn('flow', 'flows:read'),
    responses: { 200: reply('The folders by name.', folderListSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json({ items: await listFoldersOfOrg(contextOf(c)) }, 200),
});
