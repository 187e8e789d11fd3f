import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { endOffer } from '../../services/members/ownership.ts';

export const endOwnershipOffer = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/ownership/offer',
    operationId: 'endOwnershipOffer',
    tags: ['Members'],
    summary: 'Withdraws or declines the offer of the org',

    ...allow('members:read'),
    responses: { 204: { description: 'There is no offer any more.' }, ...problems(401, 403, 404, 429) },
  }),
  handler: async (c) => {
    await endOffer(contextOf(c));
    return c.body(null, 204);
  },
});
