import { accessSchema } from '@everwave/schema/api';
import { folderIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readAccessTo } from '../../services/access/access.ts';

export const readFolderAccess = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/folders/{folderId}/access',
    operationId: 'readFolderAccess',
    tags: ['Access'],
    summary: 'Says who may reach a folder',
    ...allow('roles:manage'),
    request: { params: z.object({ folderId: folderIdSchema }) },
    responses: {
      200: reply('Whether it is kept for some only, and who has which role on it.', accessSchema),
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) =>
    c.json(await readAccessTo(contextOf(c), { thing: 'folder', id: c.req.valid('param').folderId }), 200),
});
