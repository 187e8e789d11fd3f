import { randomUUIDv7 } from 'node:crypto';
import { orgIdSchema, type OrgId } from '@everwave/schema/ids';
import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { checkNewPassword } from '../../auth/check-new-password.ts';
import { hashPassword } from '../../auth/password.ts';
import { hashToken } from '../../auth/secret-token.ts';
import type { AppDependencies, Client } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';

const { accounts, members, setupTokens, users } = tables;

export interface OwnerDetails {
  readonly token: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Makes the person behind the one-time link the owner. Of two that use the link at once one wins, and the other is told
 * what everyone is told whose link is wrong, used or too old.
 */
export const completeSetup = async (
  tools: Pick<AppDependencies, 'db' | 'breachedPasswords'> & { readonly requestId: string; readonly client: Client },
  { token, name, email, password }: OwnerDetails,
): Promise<{ readonly userId: string; readonly orgId: OrgId }> => {
  const { db, requestId, client } = tools;
  const userId = randomUUIDv7();
  const address = email.toLowerCase();
  return withSystem(db, async (tx) => {
    const now = new Date();
    // One at a time: two links used at once would each wait for the other's row.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('everwave.setup'))`);
    const [used] = await tx
      .update(setupTokens)
      .set({ usedAt: now })
      .where(
        and(eq(setupTokens.tokenHash, hashToken(token)), isNull(setupTokens.usedAt), gt(setupTokens.expiresAt, now)),
      )
      .returning({ orgId: setupTokens.organizationId });
    // A start that ran meanwhile may have printed a link after the owner came: the first owner is the only one.
    if (!used || (await hasOwner(tx, used.orgId))) {
      throw problem(
        'setup_link_invalid',
        'This link is wrong, was used, or is too old. Start Everwave again for a new one.',
      );
    }
    const orgId = orgIdSchema.parse(used.orgId);
    await tx
      .update(setupTokens)
      .set({ usedAt: now })
      .where(and(eq(setupTokens.organizationId, orgId), isNull(setupTokens.usedAt)));
    await checkNewPassword(tools, password, { name, email: address });
    // Costly on purpose, so only for whoever holds the link.
    const hash = await hashPassword(password);
    await tx.insert(users).values({ id: userId, name, email: address, emailVerified: true, isInstanceAdmin: true });
    const account = { accountId: userId, providerId: 'credential', userId, password: hash };
    await tx.insert(accounts).values({ id: randomUUIDv7(), ...account });
    await tx.insert(members).values({ id: randomUUIDv7(), organizationId: orgId, userId, role: 'owner' });
    const caller = { kind: 'user', id: userId, name, orgId };
    await audit(
      tx,
      { caller, requestId, client },
      { action: 'org.owner_set', target: { kind: 'user', id: userId, name } },
    );
    return { userId, orgId };
  }).catch((error: unknown) => {
    if (uniqueViolationOf(error) !== 'users_email_unique') throw error;
    throw problem('name_taken', 'Someone with this e-mail address is here already. Sign in instead.', {
      errors: [{ path: 'email', message: 'This address is taken.' }],
    });
  });
};

const hasOwner = async (tx: Transaction, orgId: string): Promise<boolean> => {
  const [owner] = await tx
    .select({ one: sql`1` })
    .from(members)
    .where(and(eq(members.organizationId, orgId), eq(members.role, 'owner')))
    .limit(1);
  return owner !== undefined;
};

/** True while no one owns this installation. */
export const isSetupNeeded = async ({ db }: Pick<AppDependencies, 'db'>): Promise<boolean> => {
  const [owner] = await db.select({ one: sql`1` }).from(members).where(eq(members.role, 'owner')).limit(1);
  return owner === undefined;
};
