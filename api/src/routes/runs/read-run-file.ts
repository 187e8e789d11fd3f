import { runIdSchema } from '@everwave/schema/ids';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import * as z from 'zod';
import { allowOn, contextOf, problems } from '../../http/operation.ts';
import { fileContent, streamFile } from '../../http/stream-file.ts';
import { readFile } from '../../services/runs/find-files.ts';

export const readRunFile = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/runs/{runId}/files/{sha256}',
    operationId: 'readRunFile',
    tags: ['Runs'],
    summary: 'Downloads a file that a run has made',
    description: 'Streams the content under the media type of the file, to be saved under its name.',
    ...allowOn('flow', 'runs:read'),
    request: { params: z.object({ runId: runIdSchema, sha256: z.string().regex(/^[0-9a-f]{64}$/) }) },
    responses: {
      200: { description: 'The content, as it comes.', content: fileContent },
      ...problems(400, 401, 403, 404, 429),
    },
  }),
  handler: async (c) => {
    const { runId, sha256 } = c.req.valid('param');
    return streamFile(c, await readFile(contextOf(c), runId, sha256));
  },
});
