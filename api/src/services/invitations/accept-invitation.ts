import { randomUUIDv7 } from 'node:crypto';
import type { JoinRequest, OpenedInvitation, RoleReference } from '@everwave/schema/api';
import { type OrgId, orgIdSchema } from '@everwave/schema/ids';
import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { checkNewPassword } from '../../auth/check-new-password.ts';
import { hashPassword } from '../../auth/password.ts';
import { hashToken } from '../../auth/secret-token.ts';
import type { AppDependencies, Client, VisitorContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { lockOrg } from '../members/lock-org.ts';
import { enterOrg } from '../orgs/my-orgs.ts';
import { close, invitedRoleName, isInvitedRole } from './invitations.ts';

const { accounts, invitations, members, organizations, roles, users } = tables;

interface Asking {
  readonly requestId: string;
  readonly client: Client;
}

/** What the link stands for. Throws why it opens nothing. */
const readLink = async (tx: Transaction, token: string) => {
  const [found] = await tx
    .select({ invitation: invitations, orgName: organizations.name, roleName: invitedRoleName })
    .from(invitations)
    .innerJoin(organizations, eq(organizations.id, invitations.organizationId))
    .leftJoin(roles, isInvitedRole)
    .where(eq(invitations.tokenHash, hashToken(token)));
  if (!found) {
    throw problem('invitation_not_found', 'This link is wrong, or a newer one was mailed. Open the newest mail.');
  }
  const { invitation } = found;
  const whoToAsk = `Ask ${invitation.inviterName} for another one.`;
  switch (invitation.status) {
    case 'accepted':
      throw problem('invitation_used', 'This invitation was accepted already. Sign in.');
    case 'revoked':
      throw problem('invitation_revoked', `This invitation was taken back. ${whoToAsk}`);
    case 'pending':
      if (invitation.expiresAt.getTime() > Date.now()) return found;
      throw problem('invitation_expired', `This invitation is too old. ${whoToAsk}`);
    default:
      return invitation.status satisfies never;
  }
};

/** The same, for whoever accepts: of two who use a link at once, the second finds it used. */
const lockLink = async (tx: Transaction, token: string) => {
  const { invitation } = await readLink(tx, token);
  await lockOrg(tx, invitation.organizationId);
  return readLink(tx, token);
};

const personWith = async (tx: Transaction, email: string) => {
  const [person] = await tx.select({ id: users.id, name: users.name }).from(users).where(eq(users.email, email));
  return person;
};

export const openInvitation = ({ db }: { readonly db: Database }, token: string): Promise<OpenedInvitation> =>
  withSystem(db, async (tx) => {
    const { invitation, orgName, roleName } = await readLink(tx, token);
    const { email, role, inviterName, expiresAt } = invitation;
    return {
      orgName,
      email,
      role: role as RoleReference,
      roleName,
      invitedBy: inviterName,
      expiresAt: expiresAt.toISOString(),
      hasAccount: (await personWith(tx, email)) !== undefined,
    };
  });

interface Accepted {
  readonly invitation: typeof invitations.$inferSelect;
  readonly person: { readonly id: string; readonly name: string };
}

const join = async (tx: Transaction, { invitation, person }: Accepted, { requestId, client }: Asking) => {
  const { id, organizationId: orgId, role } = invitation;
  const memberId = randomUUIDv7();
  await tx.insert(members).values({ id: memberId, organizationId: orgId, userId: person.id, role });
  await close(tx, id, 'accepted');
  const caller = { kind: 'user', orgId, id: person.id, name: person.name };
  const target = { kind: 'member', id: memberId, name: person.name };
  await audit(tx, { caller, requestId, client }, { action: 'invitation.accepted', target, details: { role } });
  return { memberId, orgId: orgIdSchema.parse(orgId) };
};

/** By a person who has signed in with the address that was invited. The session works in the org from now on. */
export const acceptInvitation = ({ db, visitor, ...asking }: VisitorContext, token: string): Promise<OrgId> =>
  withSystem(db, async (tx) => {
    const { invitation, orgName } = await lockLink(tx, token);
    if (invitation.email !== visitor.email.toLowerCase()) {
      throw problem(
        'invitation_not_yours',
        `This invitation is for ${invitation.email}, and you are signed in as ${visitor.email}. Sign out first.`,
      );
    }
    const [known] = await tx
      .select({ id: members.id })
      .from(members)
      .where(and(eq(members.organizationId, invitation.organizationId), eq(members.userId, visitor.userId)));
    if (known) throw problem('already_member', `You belong to ${orgName} already.`);
    // Whoever opened the mailed link reads that mailbox.
    await tx.update(users).set({ emailVerified: true }).where(eq(users.id, visitor.userId));
    const person = { id: visitor.userId, name: visitor.name };
    const { memberId, orgId } = await join(tx, { invitation, person }, asking);
    await enterOrg(tx, { memberId, sessionId: visitor.sessionId, orgId });
    return orgId;
  });

export interface NewMember {
  readonly orgId: OrgId;
  readonly userId: string;
}

/** By somebody who is new here. */
export const joinByInvitation = (
  { db, breachedPasswords, ...asking }: Pick<AppDependencies, 'db' | 'breachedPasswords'> & Asking,
  { token, name, password }: JoinRequest,
): Promise<NewMember> =>
  withSystem(db, async (tx) => {
    const { invitation } = await lockLink(tx, token);
    const { email } = invitation;
    if (await personWith(tx, email)) throw accountExists(email);
    const id = randomUUIDv7();
    await checkNewPassword({ breachedPasswords }, password, { name, email });
    // Costly on purpose, so only for whoever holds a link.
    const hash = await hashPassword(password);
    await tx.insert(users).values({ id, name, email, emailVerified: true });
    const account = { accountId: id, providerId: 'credential', userId: id, password: hash };
    await tx.insert(accounts).values({ id: randomUUIDv7(), ...account });
    const { orgId } = await join(tx, { invitation, person: { id, name } }, asking);
    return { orgId, userId: id };
  }).catch((error: unknown) => {
    if (uniqueViolationOf(error) !== 'users_email_unique') throw error;
    throw accountExists('this address');
  });

const accountExists = (email: string) =>
  problem('account_exists', `Somebody with ${email} is here already. Sign in, then open the link again.`);
