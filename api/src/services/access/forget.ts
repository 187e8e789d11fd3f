import { type Grantee, type GrantedThing, tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';

const { grants } = tables;

/** What is gone is reached by nobody. */
export const forgetAccessTo = async (
  tx: Transaction,
  orgId: string,
  { thing, id }: { readonly thing: GrantedThing; readonly id: string },
): Promise<void> => {
  await tx.delete(grants).where(and(eq(grants.orgId, orgId), eq(grants.thing, thing), eq(grants.thingId, id)));
};

/** Whoever is gone reaches nothing, also when they come back one day. */
export const forgetGrantsTo = async (
  tx: Transaction,
  orgId: string,
  { kind, id }: { readonly kind: Grantee; readonly id: string },
): Promise<void> => {
  await tx.delete(grants).where(and(eq(grants.orgId, orgId), eq(grants.grantee, kind), eq(grants.granteeId, id)));
};
