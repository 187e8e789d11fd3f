import { randomUUIDv7 } from 'node:crypto';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { eq } from 'drizzle-orm';
import { checkNewPassword } from '../../auth/check-new-password.ts';
import { hashPassword } from '../../auth/password.ts';
import type { AppDependencies } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { accountExistsMail } from '../../mail/templates/account-exists.ts';
import { verifyEmailMail } from '../../mail/templates/verify-email.ts';
import { problem } from '../../problems.ts';
import { isSetupNeeded } from '../account/complete-setup.ts';
import { type Asked, auditOfPerson } from './audit-of-person.ts';
import { writeLink } from './one-time-links.ts';

const { accounts, members, organizations, users } = tables;

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Closed unless the settings open it; and until there is an owner, who comes by the link of the first start. */
export const isSignUpOpen = async (dependencies: AppDependencies): Promise<boolean> =>
  dependencies.settings.isSignUpOpen && !(await isSetupNeeded(dependencies));

/**
 * A new person, in an organisation of their own, who is limited until the mailed link is opened. An address that somebody
 * has makes no second account; the answer is the same, and only the mail tells its owner.
 */
export const signUp = async (
  dependencies: AppDependencies & Asked,
  { name, email, password }: NewPerson,
): Promise<void> => {
  const { db, outbox, settings } = dependencies;
  if (!(await isSignUpOpen(dependencies))) {
    throw problem('sign_up_closed', 'Here people come by invitation. Ask an owner or admin of your organisation.');
  }
  const address = email.toLowerCase();
  await checkNewPassword(dependencies, password, { name, email: address });
  // Before it is known whether the address is taken: both take as long.
  const hash = await hashPassword(password);
  const tellOwner = (tx: Transaction) => outbox.write(tx, address, accountExistsMail(`${settings.webUrl}/sign-in`));
  await withSystem(db, async (tx) => {
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, address));
    if (taken) return tellOwner(tx);
    const userId = randomUUIDv7();
    const orgId = toId('org', randomUUIDv7());
    await tx.insert(users).values({ id: userId, name, email: address, emailVerified: false });
    const account = { accountId: userId, providerId: 'credential', userId, password: hash };
    await tx.insert(accounts).values({ id: randomUUIDv7(), ...account });
    await tx.insert(organizations).values({ id: orgId, name: `${name}’s organisation`, slug: orgId });
    await tx.insert(members).values({ id: randomUUIDv7(), organizationId: orgId, userId, role: 'owner' });
    await auditOfPerson(tx, dependencies, { id: userId, name }, 'org.owner_set');
    const token = await writeLink(tx, { purpose: 'email_verification', userId, email: address });
    await outbox.write(tx, address, verifyEmailMail(`${settings.webUrl}/verify-email?token=${token}`));
  }).catch((error: unknown) => {
    if (uniqueViolationOf(error) !== 'users_email_unique') throw error;
    return withSystem(db, tellOwner);
  });
};
