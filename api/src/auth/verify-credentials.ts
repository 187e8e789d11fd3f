import { type Database, tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { hashPassword, verifyPassword } from './password.ts';
import { accountSuspended } from './suspension.ts';

const { accounts, users } = tables;

export interface Person {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
}

/** Costs as much as any other hash, and no password fits it. */
let dummy: Promise<string> | null = null;
const dummyHash = (): Promise<string> => (dummy ??= hashPassword(crypto.randomUUID()));

/**
 * The person with this address and password, or null. Exactly one hash is verified in every case, so that an address that
 * nobody has takes as long as a wrong password. Throws `account_suspended` for who knows the password of such an account.
 */
export const verifyCredentials = async (
  db: Database,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<Person | null> => {
  const [found] = await db
    .select({
      userId: users.id,
      name: users.name,
      email: users.email,
      suspendedAt: users.suspendedAt,
      hash: accounts.password,
    })
    .from(users)
    .leftJoin(accounts, and(eq(accounts.userId, users.id), eq(accounts.providerId, 'credential')))
    .where(eq(users.email, email.toLowerCase()))
    .limit(1);
  const fits = await verifyPassword({ hash: found?.hash ?? (await dummyHash()), password });
  if (!found?.hash || !fits) return null;
  if (found.suspendedAt) throw accountSuspended();
  return { userId: found.userId, name: found.name, email: found.email };
};

/** Whether this is the password of a person who is signed in: asked again before what matters is changed. */
export const isOwnPassword = async (db: Database | Transaction, userId: string, password: string): Promise<boolean> => {
  const [account] = await db
    .select({ hash: accounts.password })
    .from(accounts)
    .where(and(eq(accounts.userId, userId), eq(accounts.providerId, 'credential')))
    .limit(1);
  return verifyPassword({ hash: account?.hash ?? (await dummyHash()), password });
};
