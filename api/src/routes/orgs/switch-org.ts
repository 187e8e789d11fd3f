import { switchOrgRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowVisitor, visitorOf, jsonBody, problems } from '../../http/operation.ts';
import { switchOrg as enter } from '../../services/orgs/my-orgs.ts';

export const switchOrg = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/me/org',
    operationId: 'switchOrg',
    tags: ['Account'],
    summary: 'Lets the session work in another org of the person',

    ...allowVisitor(),
    request: { ...jsonBody(switchOrgRequestSchema) },
    responses: {
      204: { description: 'The next request is about that org.' },
      ...problems(400, 401, 403, 404, 415, 429),
    },
  }),
  handler: async (c) => {
    await enter(visitorOf(c), c.req.valid('json').orgId);
    return c.body(null, 204);
  },
});
