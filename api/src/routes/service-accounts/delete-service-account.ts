import { serviceAccountIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { deleteServiceAccount as deleteServiceAccountOfOrg } from '../../services/service-accounts/service-accounts.ts';

export const deleteServiceAccount = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/service-accounts/{serviceAccountId}',
    operationId: 'deleteServiceAccount',
    tags: ['Access'],
    summary: 'Deletes a service account with its keys',
    ...allow('apiKeys:manage'),
    request: { params: z.object({ serviceAccountId: serviceAccountIdSchema }) },
    responses: { 204: { description: 'Deleted.' }, ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await deleteServiceAccountOfOrg(contextOf(c), c.req.valid('param').serviceAccountId);
    return c.body(null, 204);
  },
});
