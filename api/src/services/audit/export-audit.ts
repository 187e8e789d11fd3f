import { type AuditEvent, auditSentenceText, type ExportAuditQuery } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, asc, gt } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { auditFilter } from './audit-filter.ts';
import { toAuditEvent } from './to-audit-event.ts';
import { toCsvLine } from './to-csv-line.ts';

const { auditEvents } = tables;

/** Entries in memory at once. */
const pageSize = 500;

/** Every entry that fits, the oldest first, part by part. That somebody took them away is an entry too. */
export const exportAudit = async (
  context: ServiceContext,
  { format, ...filter }: ExportAuditQuery,
): Promise<AsyncIterable<Uint8Array>> => {
  const { db, caller } = context;
  await withOrg(db, caller.orgId, (tx) =>
    audit(tx, context, { action: 'audit.exported', target: { kind: 'org', id: caller.orgId }, details: { format } }),
  );
  return toBytes(context, filter, format);
};

async function* toBytes(
  { db, caller }: ServiceContext,
  filter: Omit<ExportAuditQuery, 'format'>,
  format: ExportAuditQuery['format'],
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const toLine = format === 'csv' ? toCsv : (event: AuditEvent) => `${JSON.stringify(event)}\n`;
  if (format === 'csv') yield encoder.encode(toCsvLine(columns));
  let after = 0;
  for (;;) {
    const rows = await withOrg(db, caller.orgId, (tx) =>
      tx
        .select()
        .from(auditEvents)
        .where(and(auditFilter(caller.orgId, filter), gt(auditEvents.number, after)))
        .orderBy(asc(auditEvents.number))
        .limit(pageSize),
    );
    const last = rows.at(-1);
    if (!last) return;
    yield encoder.encode(rows.map((row) => toLine(toAuditEvent(row))).join(''));
    if (rows.length < pageSize) return;
    after = last.number ?? after;
  }
}

const columns =
  'number,at,what,action,actor,actorKind,actorId,target,targetKind,targetId,details,changes,requestId,address,userAgent,previousHash,hash'.split(
    ',',
  );

const toCsv = (event: AuditEvent): string =>
  toCsvLine([
    String(event.number),
    event.at,
    auditSentenceText(event),
    event.action,
    event.actor.name,
    event.actor.kind,
    event.actor.id,
    event.target.name ?? '',
    event.target.kind,
    event.target.id,
    JSON.stringify(event.details),
    event.changes === null ? '' : JSON.stringify(event.changes),
    event.requestId ?? '',
    event.address ?? '',
    event.userAgent ?? '',
    event.previousHash,
    event.hash,
  ]);
