import { meSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowKnown, callerOf, problems, reply } from '../../http/operation.ts';
import { toMe } from '../../services/account/read-me.ts';

export const readMe = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/me',
    operationId: 'readMe',
    tags: ['Account'],
    summary: 'Says who is asking',

    ...allowKnown(),

    responses: { 200: reply('Person or key, org, role and permissions.', meSchema), ...problems(401, 403, 429) },
  }),
  handler: (c) => c.json(toMe(callerOf(c)), 200),
});
