import { randomUUIDv7 } from 'node:crypto';
import type { CreateInvitationRequest, Invitation, RoleReference } from '@everwave/schema/api';
import { tables, type Transaction, withOrg, withSystem } from '@everwave/schema/db';
import { and, count, desc, eq, gt, max, sql } from 'drizzle-orm';
import { hashToken, newToken } from '../../auth/secret-token.ts';
import type { ServiceContext } from '../../context.ts';
import { invitationMail } from '../../mail/templates/invitation.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { lockOrg } from '../members/lock-org.ts';
import { assignableRole } from '../roles/assignable-role.ts';
import { toMoment } from '../runs/to-run.ts';

const { invitations, members, roles, users } = tables;
type Row = typeof invitations.$inferSelect;

/** What the role is called: its own name where the org made it. */
export const invitedRoleName = sql<string>`coalesce(${roles.name}, ${invitations.role})`;
/** For a left join of the org's own roles. */
export const isInvitedRole = and(eq(roles.id, invitations.role), eq(roles.orgId, invitations.organizationId));

/** Seconds that a link works. */
const goodFor = 7 * 86_400;
/** Nobody's mailbox is filled in our name: a pause between two mails to one address, and so many from one org in a day. */
const mailLimits = { pauseSeconds: 60, perDay: 200 } as const;

const toInvitation = (row: Row, roleName: string): Invitation => ({
  id: row.id,
  email: row.email,
  role: row.role as RoleReference,
  roleName,
  invitedBy: row.inviterName,
  createdAt: row.createdAt.toISOString(),
  sentAt: toMoment(row.sentAt),
  expiresAt: row.expiresAt.toISOString(),
  isExpired: row.expiresAt.getTime() <= Date.now(),
});

const pendingIn = (orgId: string) => and(eq(invitations.organizationId, orgId), eq(invitations.status, 'pending'));

/** Those that wait for an answer, the newest first; also those that are too old, which can be sent again. */
export const listInvitations = ({ db, caller }: ServiceContext): Promise<Invitation[]> =>
  withOrg(db, caller.orgId, async (tx) => {
    const rows = await tx
      .select({ invitation: invitations, roleName: invitedRoleName })
      .from(invitations)
      .leftJoin(roles, isInvitedRole)
      .where(pendingIn(caller.orgId))
      .orderBy(desc(invitations.createdAt), desc(invitations.id));
    return rows.map(({ invitation, roleName }) => toInvitation(invitation, roleName));
  });

export const createInvitation = (
  context: ServiceContext,
  { email: given, role }: CreateInvitationRequest,
): Promise<Invitation> =>
  withSystem(context.db, async (tx) => {
    const { caller } = context;
    const email = given.toLowerCase();
    await lockOrg(tx, caller.orgId);
    const { roleName } = await assignableRole(tx, context, role);
    await refuseMember(tx, caller.orgId, email);
    const [pending] = await tx
      .select()
      .from(invitations)
      .where(and(pendingIn(caller.orgId), eq(invitations.email, email)));
    if (pending && pending.expiresAt.getTime() > Date.now()) {
      throw problem(
        'invitation_pending',
        `${email} has been invited already. Send that invitation again, or revoke it.`,
      );
    }
    if (pending) await close(tx, pending.id, 'revoked');
    await refuseFlood(tx, caller.orgId, email);
    const row = {
      id: randomUUIDv7(),
      organizationId: caller.orgId,
      email,
      role,
      status: 'pending' as const,
      inviterId: caller.kind === 'user' ? caller.id : null,
      inviterName: caller.name,
      expiresAt: new Date(Date.now() + goodFor * 1_000),
    };
    const [made] = await tx.insert(invitations).values(row).returning();
    if (!made) throw new Error('An insert returns its row.');
    const target = { kind: 'invitation', id: row.id, name: email };
    await audit(tx, context, { action: 'invitation.created', target, details: { role } });
    return send(tx, context, made, roleName);
  });

/** With another link; the one that was mailed before works no longer. */
export const resendInvitation = (context: ServiceContext, invitationId: string): Promise<Invitation> =>
  withSystem(context.db, async (tx) => {
    const row = await getPending(tx, context, invitationId);
    const { roleName } = await assignableRole(tx, context, row.role);
    await refuseMember(tx, row.organizationId, row.email);
    await refuseFlood(tx, row.organizationId, row.email);
    const target = { kind: 'invitation', id: row.id, name: row.email };
    await audit(tx, context, { action: 'invitation.resent', target });
    return send(tx, context, row, roleName);
  });

/** Its link works no longer. */
export const revokeInvitation = (context: ServiceContext, invitationId: string): Promise<void> =>
  withSystem(context.db, async (tx) => {
    const row = await getPending(tx, context, invitationId);
    await close(tx, row.id, 'revoked');
    const target = { kind: 'invitation', id: row.id, name: row.email };
    await audit(tx, context, { action: 'invitation.revoked', target });
  });

/** The token of the link stays, hashed, so that its holder is told what became of it. */
export const close = async (tx: Transaction, id: string, status: 'accepted' | 'revoked'): Promise<void> => {
  await tx.update(invitations).set({ status, closedAt: new Date() }).where(eq(invitations.id, id));
};

const getPending = async (tx: Transaction, { caller }: ServiceContext, invitationId: string): Promise<Row> => {
  await lockOrg(tx, caller.orgId);
  const [row] = await tx
    .select()
    .from(invitations)
    .where(and(pendingIn(caller.orgId), eq(invitations.id, invitationId)));
  if (!row) throw problem('invitation_not_found', `No invitation ${invitationId} of your org waits for an answer.`);
  return row;
};

const send = async (
  tx: Transaction,
  { outbox, settings, caller }: ServiceContext,
  { id, email }: Row,
  roleName: string,
) => {
  const token = newToken();
  const now = Date.now();
  const [sent] = await tx
    .update(invitations)
    .set({
      tokenHash: hashToken(token),
      sentAt: new Date(now),
      expiresAt: new Date(now + goodFor * 1_000),
    })
    .where(eq(invitations.id, id))
    .returning();
  if (!sent) throw new Error('The invitation was locked with its org.');
  const link = `${settings.webUrl}/invitation?token=${token}`;
  const words = { orgName: caller.orgName, invitedBy: caller.name, role: roleName, link, goodFor };
  await outbox.write(tx, email, invitationMail(words));
  return toInvitation(sent, roleName);
};

const refuseMember = async (tx: Transaction, orgId: string, email: string): Promise<void> => {
  const [found] = await tx
    .select({ id: members.id })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, orgId), eq(users.email, email)));
  if (found) throw problem('already_member', `${email} is a member already. Change the role under Members.`);
};

/** Counts what was sent, whatever became of it: revoking and inviting anew is no way around. */
const refuseFlood = async (tx: Transaction, orgId: string, email: string): Promise<void> => {
  // Of every org: it is one mailbox.
  const [last] = await tx
    .select({ at: max(invitations.sentAt) })
    .from(invitations)
    .where(eq(invitations.email, email));
  const sinceLast = last?.at ? (Date.now() - last.at.getTime()) / 1_000 : Number.POSITIVE_INFINITY;
  if (sinceLast < mailLimits.pauseSeconds) {
    throw tooMany(`${email} was sent an invitation just now.`, Math.ceil(mailLimits.pauseSeconds - sinceLast));
  }
  const [today] = await tx
    .select({ sent: count() })
    .from(invitations)
    .where(and(eq(invitations.organizationId, orgId), gt(invitations.sentAt, sql`now() - interval '1 day'`)));
  if ((today?.sent ?? 0) >= mailLimits.perDay) {
    throw tooMany(`Your organisation has sent ${mailLimits.perDay} invitations within a day.`, 3_600);
  }
};

const tooMany = (what: string, seconds: number) =>
  problem('too_many_requests', `${what} Try again in ${seconds} s.`, { headers: { 'retry-after': String(seconds) } });
