import { ownershipSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { readOwnership as read } from '../../services/members/ownership.ts';

export const readOwnership = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/ownership',
    operationId: 'readOwnership',
    tags: ['Members'],
    summary: 'Says whether the org is offered to somebody',

    ...allow('members:read'),
    responses: {
      200: reply('The offer that waits for an answer, if there is one.', ownershipSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: async (c) => c.json(await read(contextOf(c)), 200),
});
