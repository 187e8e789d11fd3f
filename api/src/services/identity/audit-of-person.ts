import type { AuditAction } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { Client } from '../../context.ts';
import { audit } from '../audit.ts';

const { members } = tables;

/** The request that asked for it. */
export interface Asked {
  readonly requestId: string;
  readonly client: Client;
}

/** What a person did with their own account without being signed in: each of their orgs has it in its trail. */
export const auditOfPerson = async (
  tx: Transaction,
  { requestId, client }: Asked,
  { id, name }: { readonly id: string; readonly name: string },
  action: AuditAction,
): Promise<void> => {
  // In one order: two such transactions lock the ends of the same chains.
  const orgs = await tx
    .select({ orgId: members.organizationId })
    .from(members)
    .where(eq(members.userId, id))
    .orderBy(members.organizationId);
  for (const { orgId } of orgs) {
    const caller = { kind: 'user', orgId, id, name };
    await audit(tx, { caller, requestId, client }, { action, target: { kind: 'user', id, name } });
  }
};
