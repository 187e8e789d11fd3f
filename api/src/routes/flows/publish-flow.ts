import { flowVersionSummarySchema, publishFlowRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, optionalJsonBody, problems, reply } from '../../http/operation.ts';
import { publishFlow as publish } from '../../services/flows/publish-flow.ts';

export const publishFlow = defineOpenAPIRoute({
  route: createRoute({
    method: 'post',
    path: '/v1/flows/{flowId}/publish',
    operationId: 'publishFlow',
    tags: ['Flows'],
    summary: 'Publishes the draft as the live version',
    description:
      'Validates, compiles and stores an immutable version, live at once. The first publish also turns the flow on.',
    ...allowOn('flow', 'flows:publish'),
    request: { params: z.object({ flowId: flowIdSchema }), ...optionalJsonBody(publishFlowRequestSchema) },
    responses: {
      201: reply('The new version.', flowVersionSummarySchema),
      ...problems(400, 401, 403, 404, 409, 422, 429),
    },
  }),
  handler: async (c) => c.json(await publish(contextOf(c), c.req.valid('param').flowId, c.req.valid('json')), 201),
});
