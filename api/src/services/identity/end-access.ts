import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq, isNull, ne, sql } from 'drizzle-orm';

const { refreshTokens, sessions } = tables;

/** Ends a person's sessions and the programs they signed in, at once; `exceptSessionId` may go on. */
export const endAccess = async (tx: Transaction, userId: string, exceptSessionId?: string): Promise<void> => {
  const others = exceptSessionId === undefined ? undefined : ne(sessions.id, exceptSessionId);
  await tx.delete(sessions).where(and(eq(sessions.userId, userId), others));
  await tx
    .update(refreshTokens)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(refreshTokens.userId, userId), isNull(refreshTokens.revokedAt)));
};
