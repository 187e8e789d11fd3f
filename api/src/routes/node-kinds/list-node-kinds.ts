import { nodeKindListSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';

export const listNodeKinds = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/node-kinds',
    operationId: 'listNodeKinds',
    tags: ['Node kinds'],
    summary: 'Lists what a flow can be made of',

    ...allow('flows:read'),

    responses: {
      200: reply('Triggers, control nodes and the connectors’ nodes.', nodeKindListSchema),
      ...problems(401, 403, 429),
    },
  }),
  handler: (c) => c.json(contextOf(c).nodeKinds.listing, 200),
});
