import type { Account, AuditAction } from '@everwave/schema/api';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PersonContext } from '../../context.ts';
import { passwordResetMail } from '../../mail/templates/password-reset.ts';
import { problem } from '../../problems.ts';
import { endAccess } from '../identity/end-access.ts';
import { writeLink } from '../identity/one-time-links.ts';
import { getAccount } from './accounts.ts';
import { auditOfAccount } from './instance-audit.ts';

const { signInChallenges, users } = tables;

interface Deed {
  readonly action: AuditAction;
  /** Whether there is nothing to do. */
  readonly isDone: (account: Account) => boolean;
  readonly change: (tx: Transaction, account: Account) => Promise<unknown>;
}

/**
 * One after the other, by somebody who is an administrator still: of two who take it from each other at once, one stays.
 * Nobody takes their own, so there is always a last one.
 */
const administer =
  ({ action, isDone, change }: Deed) =>
  (context: PersonContext, userId: string): Promise<Account> =>
    withSystem(context.db, async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('everwave.administration'))`);
      const isStill = and(eq(users.id, context.caller.id), eq(users.isInstanceAdmin, true), isNull(users.suspendedAt));
      if ((await tx.$count(users, isStill)) === 0) {
        throw problem('not_allowed', 'You are no administrator of this installation any more.');
      }
      const account = await getAccount(tx, userId);
      if (isDone(account)) return account;
      await change(tx, account);
      await auditOfAccount(tx, context, account, action);
      return getAccount(tx, userId);
    });

const refuseOwn = ({ caller }: PersonContext, userId: string, deed: string): void => {
  if (caller.id !== userId) return;
  throw problem('own_account', `You cannot ${deed} yourself. Ask another administrator of this installation.`);
};

const set = (tx: Transaction, userId: string, values: Partial<typeof users.$inferInsert>) =>
  tx
    .update(users)
    .set({ ...values, updatedAt: new Date() })
    .where(eq(users.id, userId));

const suspend = administer({
  action: 'user.suspended',
  isDone: ({ suspendedAt }) => suspendedAt !== null,
  change: async (tx, { id }) => {
    await set(tx, id, { suspendedAt: new Date() });
    await tx.delete(signInChallenges).where(eq(signInChallenges.userId, id));
  },
});

/** From now on nothing of the person opens anything. Sessions and tokens stay, so that they are told why. Runs go on. */
export const suspendAccount = async (context: PersonContext, userId: string): Promise<Account> => {
  refuseOwn(context, userId, 'suspend');
  return suspend(context, userId);
};

/** The person signs in anew: what was open when they were suspended is not opened again. */
export const restoreAccount = administer({
  action: 'user.restored',
  isDone: ({ suspendedAt }) => suspendedAt === null,
  change: async (tx, { id }) => {
    await endAccess(tx, id);
    await set(tx, id, { suspendedAt: null });
  },
});

export const giveAdministration = administer({
  action: 'user.administration_given',
  isDone: ({ isInstanceAdministrator }) => isInstanceAdministrator,
  change: (tx, { id }) => set(tx, id, { isInstanceAdmin: true }),
});

const takeFrom = administer({
  action: 'user.administration_taken',
  isDone: ({ isInstanceAdministrator }) => !isInstanceAdministrator,
  change: (tx, { id }) => set(tx, id, { isInstanceAdmin: false }),
});

export const takeAdministration = async (context: PersonContext, userId: string): Promise<Account> => {
  refuseOwn(context, userId, 'take the administration from');
  return takeFrom(context, userId);
};

/** The same link as whoever forgot their password asks for. */
export const sendResetLink = async (context: PersonContext, userId: string): Promise<void> => {
  const { outbox, settings } = context;
  const send = administer({
    action: 'user.reset_link_sent',
    isDone: () => false,
    change: async (tx, { id, email }) => {
      const token = await writeLink(tx, { purpose: 'password_reset', userId: id, email });
      await outbox.write(tx, email, passwordResetMail(`${settings.webUrl}/reset-password?token=${token}`));
    },
  });
  await send(context, userId);
};
