import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { removeMember as remove } from '../../services/members/members.ts';

export const removeMember = defineOpenAPIRoute({
  route: createRoute({
    method: 'delete',
    path: '/v1/members/{memberId}',
    operationId: 'removeMember',
    tags: ['Members'],
    summary: 'Ends a membership; access ends at once',

    ...allow('members:manage'),
    request: { params: z.object({ memberId: z.string().min(1).max(100) }) },
    responses: { 204: { description: 'The person is no member any more.' }, ...problems(400, 401, 403, 404, 409, 429) },
  }),
  handler: async (c) => {
    await remove(contextOf(c), c.req.valid('param').memberId);
    return c.body(null, 204);
  },
});
