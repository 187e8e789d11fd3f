import { orgDeletionPreviewSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { previewOrgDeletion as preview } from '../../services/orgs/delete-org.ts';

export const previewOrgDeletion = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/org/deletion',
    operationId: 'previewOrgDeletion',
    tags: ['Account'],
    summary: 'Says what goes with the org when it is deleted',
    ...allow('org:manage'),
    responses: { 200: reply('What the org holds.', orgDeletionPreviewSchema), ...problems(401, 403, 404, 429) },
  }),
  handler: async (c) => c.json(await preview(contextOf(c)), 200),
});
