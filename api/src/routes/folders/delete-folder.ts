import { folderIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { deleteFolder as deleteFolderOfOrg } from '../../services/folders/folders.ts';

export const deleteFolder = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/folders/{folderId}',
    operationId: 'deleteFolder',
    tags: ['Flows'],
    summary: 'Deletes an empty folder',
    ...allow('flows:write'),
    request: { params: z.object({ folderId: folderIdSchema }) },
    responses: { 204: { description: 'Deleted.' }, ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    await deleteFolderOfOrg(contextOf(c), c.req.valid('param').folderId);
    return c.body(null, 204);
  },
});
