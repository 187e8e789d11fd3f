import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { checkNewPassword } from '../../auth/check-new-password.ts';
import type { PersonContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { accountExistsMail } from '../../mail/templates/account-exists.ts';
import { changedMail } from '../../mail/templates/changed.ts';
import { verifyEmailMail } from '../../mail/templates/verify-email.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { confirmPassword } from './confirm-password.ts';
import { endAccess } from './end-access.ts';
import { writeLink } from './one-time-links.ts';
import { setPassword } from './reset-password.ts';

const { users } = tables;

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly username?: string | null | undefined;
}

export const updateProfile = async (context: PersonContext, change: ProfileChange): Promise<void> => {
  const { db, caller } = context;
  await withSystem(db, async (tx) => {
    await tx
      .update(users)
      .set({ ...change, updatedAt: new Date() })
      .where(eq(users.id, caller.id));
    await audit(tx, context, {
      action: 'user.profile_changed',
      target: { kind: 'user', id: caller.id },
      details: { fields: Object.keys(change) },
    });
  }).catch((error: unknown) => {
    if (uniqueViolationOf(error) !== 'users_username_unique') throw error;
    throw problem('name_taken', 'Somebody else has this user name. Choose another one.', {
      errors: [{ path: 'username', message: 'This user name is taken.' }],
    });
  });
};

/** Ends every other session and every program's access. */
export const changePassword = async (
  context: PersonContext,
  { currentPassword, newPassword }: { readonly currentPassword: string; readonly newPassword: string },
): Promise<void> => {
  const { db, caller, outbox } = context;
  await confirmPassword(context, currentPassword, 'currentPassword');
  await checkNewPassword(context, newPassword, { name: caller.name, email: caller.email ?? '' }, 'newPassword');
  await withSystem(db, async (tx) => {
    await setPassword(tx, caller.id, newPassword);
    await endAccess(tx, caller.id, caller.sessionId);
    await audit(tx, context, { action: 'user.password_changed', target: { kind: 'user', id: caller.id } });
    await outbox.write(tx, caller.email ?? '', changedMail('Your password was changed'));
  });
};

/** The address changes when the link that is mailed to the new one is opened; until then the old one stays. */
export const changeEmail = async (
  context: PersonContext,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<void> => {
  const { db, caller, outbox, settings } = context;
  await confirmPassword(context, password);
  const address = email.toLowerCase();
  await withSystem(db, async (tx) => {
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, address));
    if (taken) return outbox.write(tx, address, accountExistsMail(`${settings.webUrl}/sign-in`));
    const token = await writeLink(tx, { purpose: 'email_change', userId: caller.id, email: address });
    await audit(tx, context, { action: 'user.email_change_asked', target: { kind: 'user', id: caller.id } });
    await outbox.write(tx, address, verifyEmailMail(`${settings.webUrl}/verify-email?token=${token}`));
  });
};
