import type { AuditAction, AuditList, ListAuditQuery } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { asc, eq } from 'drizzle-orm';
import type { PersonContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { listAudit } from '../audit/list-audit.ts';

const { members } = tables;

/** The chain of what concerns the installation and not one org. No org has this id: theirs begin with `org_`. */
export const instanceChain = 'instance';

/** What an administrator did to an account: the installation has it in its trail, and so has each org of the person. */
export const auditOfAccount = async (
  tx: Transaction,
  context: PersonContext,
  { id, name }: { readonly id: string; readonly name: string },
  action: AuditAction,
): Promise<void> => {
  // In the order of the ids, `instance` first: two such transactions lock the ends of the same chains.
  const orgs = await tx
    .select({ orgId: members.organizationId })
    .from(members)
    .where(eq(members.userId, id))
    .orderBy(asc(members.organizationId));
  for (const orgId of [instanceChain, ...orgs.map((org) => org.orgId)]) {
    const caller = { ...context.caller, orgId };
    await audit(tx, { ...context, caller }, { action, target: { kind: 'user', id, name } });
  }
};

/** What administrators did here, the newest first. */
export const listInstanceAudit = ({ db }: PersonContext, query: ListAuditQuery): Promise<AuditList> =>
  listAudit({ db, caller: { orgId: instanceChain } }, query);
