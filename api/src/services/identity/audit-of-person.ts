import type { AuditAction } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { Client } from '../../context.ts';
import { audit, type AuditContext } from '../audit.ts';

const { members } = tables;

/** The request that asked for it. */
export interface Asked {
  readonly requestId: string;
  readonly client: Client;
}

/** Whoever it was: nobody who is known. */
export const somebody = { kind: 'anonymous', id: 'anonymous', name: 'Somebody' } as const;

/**
 * What a person did with their own account without being signed in, or `by` somebody else did with it: each of their orgs
 * has it in its trail.
 */
export const auditOfPerson = async (
  tx: Transaction,
  { requestId, client }: Asked,
  { id, name }: { readonly id: string; readonly name: string },
  action: AuditAction,
  by: Omit<AuditContext['caller'], 'orgId'> = { kind: 'user', id, name },
): Promise<void> => {
  // In one order: two such transactions lock the ends of the same chains.
  const orgs = await tx
    .select({ orgId: members.organizationId })
    .from(members)
    .where(eq(members.userId, id))
    .orderBy(members.organizationId);
  for (const { orgId } of orgs) {
    await audit(tx, { caller: { ...by, orgId }, requestId, client }, { action, target: { kind: 'user', id, name } });
  }
};
