import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import type { AppDependencies, PersonContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { changedMail } from '../../mail/templates/changed.ts';
import { verifyEmailMail } from '../../mail/templates/verify-email.ts';
import { problem } from '../../problems.ts';
import { type Asked, auditOfPerson } from './audit-of-person.ts';
import { linkInvalid, openLink, writeLink } from './one-time-links.ts';

const { users } = tables;

export const sendVerification = ({ db, outbox, settings, caller }: PersonContext): Promise<void> =>
  withSystem(db, async (tx) => {
    const [person] = await tx.select().from(users).where(eq(users.id, caller.id));
    if (!person || person.emailVerified) {
      throw problem('email_already_verified', 'Your address is confirmed already. There is nothing to do.');
    }
    const { id: userId, email } = person;
    const token = await writeLink(tx, { purpose: 'email_verification', userId, email });
    await outbox.write(tx, email, verifyEmailMail(`${settings.webUrl}/verify-email?token=${token}`));
  });

/** Whoever opens the link has the address: the one they signed up with, or the one they change to. */
export const verifyEmail = (
  dependencies: AppDependencies & Asked,
  token: string,
): Promise<{ readonly email: string }> =>
  withSystem(dependencies.db, async (tx) => {
    const { userId, email } = await openLink(tx, token, ['email_verification', 'email_change']);
    const [before] = await tx.select().from(users).where(eq(users.id, userId)).for('update');
    if (!before) throw linkInvalid();
    await tx.update(users).set({ email, emailVerified: true, updatedAt: new Date() }).where(eq(users.id, userId));
    const action = before.email === email ? 'user.email_verified' : 'user.email_changed';
    await auditOfPerson(tx, dependencies, before, action);
    if (before.email !== email) {
      await dependencies.outbox.write(tx, before.email, changedMail('The e-mail address of your account was changed'));
    }
    return { email };
  }).catch((error: unknown) => {
    // Somebody else took the address meanwhile.
    throw uniqueViolationOf(error) === 'users_email_unique' ? linkInvalid() : error;
  });
