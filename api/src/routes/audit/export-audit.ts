import { exportAuditQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import type { TypedResponse } from 'hono';
import * as z from 'zod';
import { allow, contextOf, problems } from '../../http/operation.ts';
import { toAttachment } from '../../http/stream-file.ts';
import { exportAudit as exportEntries } from '../../services/audit/export-audit.ts';

const text = { schema: z.string() };

export const exportAudit = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/audit/export',
    operationId: 'exportAudit',
    tags: ['Audit'],
    summary: 'Exports entries, oldest first, as JSON Lines or CSV',
    description: 'Streamed. In the CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.',
    ...allow('audit:read'),
    request: { query: exportAuditQuerySchema },
    responses: {
      200: { description: 'One line for each entry.', content: { 'application/x-ndjson': text, 'text/csv': text } },
      ...problems(400, 401, 403, 429),
    },
  }),
  handler: async (c) => {
    const query = c.req.valid('query');
    const lines = ReadableStream.from(await exportEntries(contextOf(c), query)) as ReadableStream<Uint8Array>;
    return c.body(lines, 200, {
      'content-type': query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      'content-disposition': toAttachment(`audit.${query.format}`),
      'cache-control': 'private, no-store',
    }) as unknown as Response & TypedResponse<never, 200, string>;
  },
});
