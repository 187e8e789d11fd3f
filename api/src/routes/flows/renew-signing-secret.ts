import { signingSecretSchema } from '@everwave/schema/api';
import { flowIdSchema, triggerIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems, reply } from '../../http/operation.ts';
import { renewSigningSecret as renew } from '../../services/flows/renew-signing-secret.ts';

export const renewSigningSecret = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/{flowId}/triggers/{triggerId}/signing-secret',
    operationId: 'renewSigningSecret',
    tags: ['Flows'],
    summary: 'Makes a new signing secret for a webhook',

    ...allowOn('flow', 'flows:publish'),
    request: { params: z.object({ flowId: flowIdSchema, triggerId: triggerIdSchema }) },
    responses: { 201: reply('The secret, shown only now.', signingSecretSchema), ...problems(400, 401, 403, 404, 429) },
  }),
  handler: async (c) => {
    const { flowId, triggerId } = c.req.valid('param');
    return c.json(await renew(contextOf(c), flowId, triggerId), 201);
  },
});
