import { randomUUIDv7 } from 'node:crypto';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { checkNewPassword } from '../../auth/check-new-password.ts';
import { hashPassword } from '../../auth/password.ts';
import type { AppDependencies } from '../../context.ts';
import { changedMail } from '../../mail/templates/changed.ts';
import { passwordResetMail } from '../../mail/templates/password-reset.ts';
import { type Asked, auditOfPerson } from './audit-of-person.ts';
import { endAccess } from './end-access.ts';
import { linkInvalid, openLink, writeLink } from './one-time-links.ts';
import { dropSecondFactor } from './second-factor.ts';

const { accounts, users } = tables;

/**
 * Mails a link to whoever has this address. For one that nobody has the same rows are written and nothing is mailed: neither
 * the answer nor its time tells whether there is an account.
 */
export const requestPasswordReset = ({ db, outbox, settings }: AppDependencies, email: string): Promise<void> =>
  withSystem(db, async (tx) => {
    const address = email.toLowerCase();
    const [person] = await tx.select({ id: users.id }).from(users).where(eq(users.email, address));
    const token = await writeLink(tx, { purpose: 'password_reset', userId: person?.id ?? null, email: address });
    const mail = passwordResetMail(`${settings.webUrl}/reset-password?token=${token}`);
    await (person ? outbox.write(tx, address, mail) : outbox.writeUnsent(tx, address, mail));
  });

/**
 * Sets the password, and ends every session and every program's access. The second factor stays as it is, but where the
 * machine's terminal ordered otherwise.
 */
export const resetPassword = async (
  dependencies: AppDependencies & Asked,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<void> => {
  const { db, outbox } = dependencies;
  await withSystem(db, async (tx) => {
    const { userId, email, purpose } = await openLink(tx, token, [
      'password_reset',
      'owner_reset',
      'owner_reset_second_factor',
    ]);
    const [person] = await tx.select().from(users).where(eq(users.id, userId));
    if (!person) throw linkInvalid();
    // A refusal undoes the use of the link: the person chooses another password with the same one.
    await checkNewPassword(dependencies, password, person);
    await setPassword(tx, userId, password);
    // Whoever read the mail has the address.
    if (purpose === 'password_reset' && email === person.email) {
      await tx.update(users).set({ emailVerified: true }).where(eq(users.id, userId));
    }
    await endAccess(tx, userId);
    await auditOfPerson(tx, dependencies, person, 'user.password_reset');
    if (purpose === 'owner_reset_second_factor' && (await dropSecondFactor(tx, userId))) {
      await auditOfPerson(tx, dependencies, person, 'user.second_factor_removed');
      await outbox.write(tx, person.email, changedMail('The second factor was removed from your account'));
    }
    await outbox.write(tx, person.email, changedMail('Your password was changed'));
  });
};

export const setPassword = async (tx: Transaction, userId: string, password: string): Promise<void> => {
  const hash = await hashPassword(password);
  const changed = await tx
    .update(accounts)
    .set({ password: hash, updatedAt: new Date() })
    .where(and(eq(accounts.userId, userId), eq(accounts.providerId, 'credential')))
    .returning({ id: accounts.id });
  if (changed.length > 0) return;
  const account = { accountId: userId, providerId: 'credential', userId, password: hash };
  await tx.insert(accounts).values({ id: randomUUIDv7(), ...account });
};
