import { folderRequestSchema, folderSchema } from '@everwave/schema/api';
import { folderIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { renameFolder as renameFolderOfOrg } from '../../services/folders/folders.ts';

export const renameFolder = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/folders/{folderId}',
    operationId: 'renameFolder',
    tags: ['Flows'],
    summary: 'Renames a folder',
    ...allow('flows:write'),
    request: { params: z.object({ folderId: folderIdSchema }), ...jsonBody(folderRequestSchema) },
    responses: { 200: reply('The folder as it is now.', folderSchema), ...problems(400, 401, 403, 404, 409, 415, 429) },
  }),
  handler: async (c) =>
    c.json(await renameFolderOfOrg(contextOf(c), c.req.valid('param').folderId, c.req.valid('json')), 200),
});
