import { credentialKindListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';

export const listCredentialKinds = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/credential-kinds',
    operationId: 'listCredentialKinds',
    tags: ['Node kinds'],
    summary: 'Lists the kinds of connection',

    ...allow('flows:read'),

    responses: {
      200: reply('Each with the fields of its form.', credentialKindListSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: (c) => c.json(contextOf(c).nodeKinds.credentialListing, 200),
});
