import type { AuditEvent } from '@everwave/schema/api';
import type { tables } from '@everwave/schema/db';

export const toAuditEvent = (row: typeof tables.auditEvents.$inferSelect): AuditEvent => ({
  number: row.number ?? 0,
  at: row.at.toISOString(),
  actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
  action: row.action,
  target: { kind: row.targetKind, id: row.targetId, name: row.targetName },
  details: row.details,
  changes: row.changes,
  requestId: row.requestId,
  address: row.address,
  userAgent: row.userAgent,
  previousHash: row.previousHash ?? '',
  hash: row.hash ?? '',
});
