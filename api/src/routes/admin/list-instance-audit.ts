import { auditListSchema, listAuditQuerySchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allowInstanceAdministrator, personOf, problems, reply } from '../../http/operation.ts';
import { listInstanceAudit as list } from '../../services/admin/instance-audit.ts';

export const listInstanceAudit = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/admin/audit',
    operationId: 'listInstanceAudit',
    tags: ['Administration'],
    summary: 'Lists what was done on the installation itself, newest first',
    ...allowInstanceAdministrator(),
    request: { query: listAuditQuerySchema },
    responses: { 200: reply('A page of entries.', auditListSchema), ...problems(400, 401, 403, 429) },
  }),
  handler: async (c) => c.json(await list(personOf(c), c.req.valid('query')), 200),
});
