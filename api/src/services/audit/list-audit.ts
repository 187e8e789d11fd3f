import type { AuditList, ListAuditQuery } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, desc, lt } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { numberOfCursor, toPage } from '../page.ts';
import { auditFilter } from './audit-filter.ts';
import { toAuditEvent } from './to-audit-event.ts';

const { auditEvents } = tables;

/** The newest first. */
export const listAudit = (
  { db, caller }: Pick<ServiceContext, 'db'> & { readonly caller: Pick<ServiceContext['caller'], 'orgId'> },
  { cursor, limit, ...filter }: ListAuditQuery,
): Promise<AuditList> => {
  const before = numberOfCursor(cursor);
  return withOrg(db, caller.orgId, async (tx) => {
    const rows = await tx
      .select()
      .from(auditEvents)
      .where(and(auditFilter(caller.orgId, filter), before === null ? undefined : lt(auditEvents.number, before)))
      .orderBy(desc(auditEvents.number))
      .limit(limit + 1);
    return toPage(
      rows.map((row) => ({ id: row.number ?? 0, row })),
      limit,
      ({ row }) => toAuditEvent(row),
    );
  });
};
