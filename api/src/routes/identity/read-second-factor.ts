import { secondFactorStateSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowSignedIn, personOf, problems, reply } from '../../http/operation.ts';
import { readSecondFactor as read } from '../../services/identity/second-factor.ts';

export const readSecondFactor = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/me/second-factor',
    operationId: 'readSecondFactor',
    tags: ['Sign-in'],
    summary: 'Says whether you have a second factor',

    ...allowSignedIn(),
    responses: { 200: reply('The state.', secondFactorStateSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => {
    return c.json(await read(personOf(c)), 200);
  },
});
