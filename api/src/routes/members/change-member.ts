import { changeMemberRequestSchema, memberSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allow, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { changeRole } from '../../services/members/members.ts';

export const changeMember = defineOpenAPIRoute({
  route: createRoute({
    method: 'patch',
    path: '/v1/members/{memberId}',
    operationId: 'changeMember',
    tags: ['Members'],
    summary: 'Gives a member another role, from their next request on',

    ...allow('members:manage'),
    request: { params: z.object({ memberId: z.string().min(1).max(100) }), ...jsonBody(changeMemberRequestSchema) },
    responses: { 200: reply('The member.', memberSchema), ...problems(400, 401, 403, 404, 409, 415, 429) },
  }),
  handler: async (c) =>
    c.json(await changeRole(contextOf(c), c.req.valid('param').memberId, c.req.valid('json').role), 200),
});
