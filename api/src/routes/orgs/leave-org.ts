import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowVisitor, visitorOf, problems } from '../../http/operation.ts';
import { leaveOrg as leave } from '../../services/orgs/my-orgs.ts';
import { orgIdSchema } from '@everwave/schema/ids';

export const leaveOrg = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/me/orgs/{orgId}',
    operationId: 'leaveOrg',
    tags: ['Account'],
    summary: "Ends the person's own membership of an org",

    ...allowVisitor(),
    request: { params: z.object({ orgId: orgIdSchema }) },
    responses: { 204: { description: 'The person is no member any more.' }, ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    await leave(visitorOf(c), c.req.valid('param').orgId);
    return c.body(null, 204);
  },
});
