import { folderRequestSchema, folderSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createFolder as createFolderOfOrg } from '../../services/folders/folders.ts';

export const createFolder = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/folders',
    operationId: 'createFolder',
    tags: ['Flows'],
    summary: 'Makes a folder for flows',
    ...allow('flows:write'),
    request: { ...jsonBody(folderRequestSchema) },
    responses: { 201: reply('The folder.', folderSchema), ...problems(400, 401, 403, 409, 415, 429) },
  }),
  handler: async (c) => c.json(await createFolderOfOrg(contextOf(c), c.req.valid('json')), 201),
});
