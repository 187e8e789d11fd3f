import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { verifyPassword } from '../../auth/password.ts';
import { problem } from '../../problems.ts';

const { accounts } = tables;

/** Asks once more who sits there, before what cannot be taken back. Throws `password_wrong`. */
export const confirmPassword = async (tx: Transaction, userId: string, password: string): Promise<void> => {
  const [account] = await tx
    .select({ hash: accounts.password })
    .from(accounts)
    .where(and(eq(accounts.userId, userId), eq(accounts.providerId, 'credential')));
  if (account?.hash && (await verifyPassword({ hash: account.hash, password }))) return;
  throw problem('password_wrong', 'This is not your password. Enter the one with which you sign in.', {
    errors: [{ path: 'password', message: 'This is not your password.' }],
  });
};
