import { type Database, tables, type Transaction } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { type HttpProblem, problem } from '../problems.ts';

const { users } = tables;

/** What is said to whoever shows something of a suspended person: their password, session, token or key. */
export const accountSuspended = (): HttpProblem =>
  problem(
    'account_suspended',
    'This account is suspended. Nothing of it was deleted; ask an administrator of this installation to restore it.',
  );

/** Throws `account_suspended`. For what begins or renews a person's access. */
export const refuseSuspended = async (db: Database | Transaction, userId: string): Promise<void> => {
  const [person] = await db.select({ suspendedAt: users.suspendedAt }).from(users).where(eq(users.id, userId));
  if (person?.suspendedAt) throw accountSuspended();
};
