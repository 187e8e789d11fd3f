import { createOrgRequestSchema, myOrgSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowVisitor, visitorOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { createOrg as create } from '../../services/orgs/create-org.ts';

export const createOrg = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/orgs',
    operationId: 'createOrg',
    tags: ['Account'],
    summary: 'Creates another org, which its creator owns',
    ...allowVisitor(),
    request: { ...jsonBody(createOrgRequestSchema) },
    responses: {
      201: reply('The org. The session works in it from now on.', myOrgSchema),
      ...problems(400, 401, 403, 409, 415, 429),
    },
  }),
  handler: async (c) => {
    const visitor = visitorOf(c);
    await c.get('shared').attempts.consume(`org:${visitor.visitor.userId}`);
    return c.json(await create(visitor, c.req.valid('json')), 201);
  },
});
