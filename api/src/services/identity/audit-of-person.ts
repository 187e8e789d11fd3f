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

interface OfPerson {
  /** Who did it to them; without it they themselves. */
  readonly by?: Omit<AuditContext['caller'], 'orgId'>;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * What a person did with their own account without being signed in, or somebody else did with it: each of their orgs has
 * it in its trail.
 */
export const auditOfPerson = async (
  tx: Transaction,
  { requestId, client }: Asked,
  { id, name }: { readonly id: string; readonly name: string },
  action: AuditAction,
  { by = { kind: 'user', id, name }, details = {} }: OfPerson = {},
): Promise<void> => {
  // In one order: two such transactions lock the ends of the same chains.
  const orgs = await tx
    .select({ orgId: members.organizationId })
    .from(members)
    .where(eq(members.userId, id))
    .orderBy(members.organizationId);
  for (const { orgId } of orgs) {
    const caller = { ...by, orgId };
    await audit(tx, { caller, requestId, client }, { action, target: { kind: 'user', id, name }, details });
  }
};
