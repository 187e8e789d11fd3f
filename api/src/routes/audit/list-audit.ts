import { auditListSchema, listAuditQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { listAudit as list } from '../../services/audit/list-audit.ts';

export const listAudit = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/audit',
    operationId: 'listAudit',
    tags: ['Audit'],
    summary: 'Lists who did what, newest first',
    ...allow('audit:read'),
    request: { query: listAuditQuerySchema },
    responses: { 200: reply('A page of entries.', auditListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(contextOf(c), c.req.valid('query')), 200),
});
