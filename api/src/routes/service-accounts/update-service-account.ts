import { serviceAccountSchema, updateServiceAccountRequestSchema } from '@everwave/schema/api';
import { serviceAccountIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { updateServiceAccount as updateServiceAccountOfOrg } from '../../services/service-accounts/service-accounts.ts';

export const updateServiceAccount = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/service-accounts/{serviceAccountId}',
    operationId: 'updateServiceAccount',
    tags: ['Access'],
    summary: 'Changes a service account, or disables it and all its keys',
    ...allow('apiKeys:manage'),
    request: {
      params: z.object({ serviceAccountId: serviceAccountIdSchema }),
      ...jsonBody(updateServiceAccountRequestSchema),
    },
    responses: {
      200: reply('The service account as it is now.', serviceAccountSchema),
      ...problems(400, 401, 403, 404, 409, 415, 429),
    },
  }),
  handler: async (c) =>
    c.json(
      await updateServiceAccountOfOrg(contextOf(c), c.req.valid('param').serviceAccountId, c.req.valid('json')),
      200,
    ),
});
