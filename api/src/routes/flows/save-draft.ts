import { flowSchema, saveDraftRequestSchema } from '@everwave/schema/api';
import { flowIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, jsonBody, problems, reply } from '../../http/operation.ts';
import { saveDraft as save } from '../../services/flows/save-draft.ts';
import { readFlow } from '../../services/flows/read-flow.ts';

export const saveDraft = defineOpenAPIRoute({
  route: createRoute({
    method: 'put',
    path: '/v1/flows/{flowId}/draft',
    operationId: 'saveDraft',
    tags: ['Flows'],
    summary: 'Saves the drawing as the draft',
    description:
      'An unfinished drawing can be saved; publishing checks it. Name the revision you changed: if the draft moved on, nothing is overwritten (409).',
    ...allowOn('flow', 'flows:write'),
    request: { params: z.object({ flowId: flowIdSchema }), ...jsonBody(saveDraftRequestSchema) },
    responses: {
      200: reply('The flow with its new revision.', flowSchema),
      ...problems(400, 401, 403, 404, 409, 413, 415, 429),
    },
  }),
  handler: async (c) => {
    const context = contextOf(c);
    await save(context, c.req.valid('param').flowId, c.req.valid('json'));
    return c.json(await readFlow(context, c.req.valid('param').flowId), 200);
  },
});
