import { setupStateSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { dependenciesOf, openToAll, problems, reply } from '../../http/operation.ts';
import { isSetupNeeded } from '../../services/account/complete-setup.ts';

export const readSetupState = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/setup',
    operationId: 'readSetupState',
    tags: ['Account'],
    summary: 'Says whether the first owner is still missing',

    ...openToAll('The sign-in page asks before anyone can sign in.'),

    responses: { 200: reply('The state.', setupStateSchema), ...problems(429) },
  }),
  handler: async (c) => c.json({ needed: await isSetupNeeded(dependenciesOf(c)) }, 200),
});
