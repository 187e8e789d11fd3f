import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { problem } from '../../problems.ts';

const { members, organizations } = tables;

/** Changes of who belongs to an org happen one after the other: of two owners who leave at once, one is the last. */
export const lockOrg = async (tx: Transaction, orgId: string): Promise<void> => {
  await tx.select({ id: organizations.id }).from(organizations).where(eq(organizations.id, orgId)).for('update');
};

/** Under `lockOrg`. Throws when this person is the only owner. */
export const refuseLastOwner = async (tx: Transaction, orgId: string, userId: string): Promise<void> => {
  const owners = await tx
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.organizationId, orgId), eq(members.role, 'owner')));
  if (owners.some((owner) => owner.userId !== userId)) return;
  throw problem(
    'last_owner',
    'This is the only owner of the organisation. Hand the ownership over first, or share it with somebody.',
  );
};
