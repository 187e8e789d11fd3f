import { auditVerificationSchema } from '@everwave/schema/api';
import { createRoute, defineOpenAPIRoute } from '@hono/zod-openapi';
import { allow, contextOf, problems, reply } from '../../http/operation.ts';
import { verifyAudit as verify } from '../../services/audit/verify-audit.ts';

export const verifyAudit = defineOpenAPIRoute({
  route: createRoute({
    method: 'get',
    path: '/v1/audit/verify',
    operationId: 'verifyAudit',
    tags: ['Audit'],
    summary: 'Checks that no entry was changed, removed or moved',
    description:
      'Walks the chain from its first entry to its end and names the first entry that is not what was written.',
    ...allow('audit:read'),
    responses: { 200: reply('What was found.', auditVerificationSchema), ...problems(401, 403, 429) },
  }),
  handler: async (c) => c.json(await verify(contextOf(c)), 200),
});
