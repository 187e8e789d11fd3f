import { createServiceAccountRequestSchema, serviceAccountSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createServiceAccount as createServiceAccountOfOrg } from '../../services/service-accounts/service-accounts.ts';

export const createServiceAccount = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/service-accounts',
    operationId: 'createServiceAccount',
    tags: ['Access'],
    summary: 'Makes a service account',
    ...allow('apiKeys:manage'),
    request: { ...jsonBody(createServiceAccountRequestSchema) },
    responses: {
      201: reply('The service account. It needs a key to act.', serviceAccountSchema),
      ...problems(400, 401, 403, 404, 409, 415, 429),
    },
  }),
  handler: async (c) => c.json(await createServiceAccountOfOrg(contextOf(c), c.req.valid('json')), 201),
});
