import { offerOwnershipRequestSchema, ownershipSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { offerOwnership as offer } from '../../services/members/ownership.ts';

export const offerOwnership = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/ownership/offer',
    operationId: 'offerOwnership',
    tags: ['Members'],
    summary: 'Offers the org to a member, who has to accept',

    ...allow('org:manage'),
    request: { ...jsonBody(offerOwnershipRequestSchema) },
    responses: { 201: reply('The offer.', ownershipSchema), ...problems(400, 401, 403, 404, 409, 415, 429) },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    await c.get('shared').attempts.consume(`password:${context.caller.id}`);
    return c.json(await offer(context, c.req.valid('json')), 201);
  },
});
