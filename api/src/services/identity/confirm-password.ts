import type { Database, Transaction } from '@everwave/schema/db';
import { isOwnPassword } from '../../auth/verify-credentials.ts';
import { problem } from '../../problems.ts';

/** Asked again before what matters is changed: an open browser is not enough. */
export const confirmPassword = async (
  { db, caller }: { readonly db: Database | Transaction; readonly caller: { readonly id: string } },
  password: string,
  path = 'password',
): Promise<void> => {
  if (await isOwnPassword(db, caller.id, password)) return;
  throw problem('password_wrong', 'This is not your password. Enter the one with which you sign in.', {
    errors: [{ path, message: 'This is not your password.' }],
  });
};
