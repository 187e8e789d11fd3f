import type { AuditVerification } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, asc, eq, gt, isNull, lte, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';

const { auditEvents, auditHeads } = tables;

/** Entries looked at in one statement. */
const pageSize = 5_000;

type Broken = NonNullable<AuditVerification['broken']>;

/** Walks an org's chain from its first entry to its head, and stops at the first that is not what was written. */
export const verifyAudit = async ({
  db,
  caller,
}: Pick<ServiceContext, 'db' | 'caller'>): Promise<AuditVerification> => {
  const { orgId } = caller;
  // What is written from here on is not looked at.
  const { head, unchained } = await withOrg(db, orgId, async (tx) => ({
    head: await headOf(tx, orgId),
    unchained: await tx.$count(auditEvents, and(eq(auditEvents.orgId, orgId), isNull(auditEvents.number))),
  }));
  let entries = 0;
  let hash = '';
  const broken = (number: number, reason: Broken['reason'], message: string): AuditVerification => ({
    isWhole: false,
    entries,
    head,
    broken: { number, reason, message },
  });
  const last = head?.number ?? 0;
  while (entries < last) {
    const rows = await withOrg(db, orgId, (tx) => readPage(tx, orgId, entries, last));
    if (rows.length === 0) return broken(entries + 1, 'missing', `Entry ${entries + 1} of ${last} is missing.`);
    for (const row of rows) {
      const number = entries + 1;
      if (row.number !== number) return broken(number, 'missing', `Entry ${number} is missing: ${row.number} follows.`);
      if (!row.isAsWritten) return broken(number, 'changed', `Entry ${number} is not what was written.`);
      if (row.previousHash !== hash) {
        return broken(number, 'moved', `Entry ${number} does not follow on the entry that stands before it.`);
      }
      entries = number;
      hash = row.hash ?? '';
    }
  }
  if (head && hash !== head.hash) {
    return broken(last, 'changed', `Entry ${last} is another than the one that the chain ended with.`);
  }
  if (unchained > 0) {
    return broken(last + 1, 'unchained', `${unchained} entries have no place in the chain: its trigger was off.`);
  }
  return { isWhole: true, entries, head, broken: null };
};

const headOf = async (tx: Transaction, orgId: string): Promise<AuditVerification['head']> => {
  const [head] = await tx.select().from(auditHeads).where(eq(auditHeads.orgId, orgId));
  return head ? { number: head.number, hash: head.hash } : null;
};

const readPage = (tx: Transaction, orgId: string, after: number, last: number) =>
  tx
    .select({
      number: auditEvents.number,
      previousHash: auditEvents.previousHash,
      hash: auditEvents.hash,
      isAsWritten: sql<boolean>`coalesce(${auditEvents.hash} = audit_hash(${auditEvents}), false)`,
    })
    .from(auditEvents)
    .where(and(eq(auditEvents.orgId, orgId), gt(auditEvents.number, after), lte(auditEvents.number, last)))
    .orderBy(asc(auditEvents.number))
    .limit(pageSize);
