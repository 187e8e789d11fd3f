import { acceptOwnershipRequestSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems } from '../../http/operation.ts';
import { acceptOwnership as accept } from '../../services/members/ownership.ts';

export const acceptOwnership = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/ownership/accept',
    operationId: 'acceptOwnership',
    tags: ['Members'],
    summary: 'Makes whoever the org was offered to its owner',

    ...allow('members:read'),
    request: { ...jsonBody(acceptOwnershipRequestSchema) },
    responses: { 204: { description: 'The caller owns the org.' }, ...problems(400, 401, 403, 404, 415, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    await accept(context, c.req.valid('json').password);
    return c.body(null, 204);
  },
});
