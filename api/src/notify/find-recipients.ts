import { notificationDefaults, type NotificationKind, type Permission, type Role } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, asc, eq, isNull } from 'drizzle-orm';
import { heldRole } from '../auth/find-role.ts';
import { placeOf } from '../services/access/access.ts';
import { whoReaches } from '../services/access/who-reaches.ts';

const { flows, members, notificationPreferences, roles, users } = tables;

export interface Recipient {
  readonly userId: string;
  readonly email: string;
  /** The role by which approvals go. */
  readonly role: Role;
}

/** What a mail is about, and what somebody must be allowed to do with its flow to get it. */
export interface About {
  readonly orgId: string;
  readonly flowId: string;
  readonly kind: NotificationKind;
  readonly permission: Permission;
}

/** The people of the org who may do something about it, want mails of this kind, and have shown that the address is theirs. */
export const findRecipients = async (
  tx: Transaction,
  { orgId, flowId, kind, permission }: About,
): Promise<Recipient[]> => {
  const [flow] = await tx
    .select({ isRestricted: flows.isRestricted })
    .from(flows)
    .where(and(eq(flows.id, flowId), eq(flows.orgId, orgId)));
  if (!flow) return [];
  const { place } = await placeOf(tx, { thing: 'flow', id: flowId }, flow.isRestricted, permission);
  const reached = await whoReaches(tx, orgId, place);
  const allowed = new Set(reached.filter(({ holder }) => holder.kind === 'user').map(({ holder }) => holder.id));
  const people = await tx
    .select({
      userId: users.id,
      email: users.email,
      role: members.role,
      own: roles,
      isOn: notificationPreferences.isOn,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(roles, and(eq(roles.id, members.role), eq(roles.orgId, orgId)))
    .leftJoin(
      notificationPreferences,
      and(
        eq(notificationPreferences.orgId, orgId),
        eq(notificationPreferences.userId, users.id),
        eq(notificationPreferences.kind, kind),
      ),
    )
    .where(and(eq(members.organizationId, orgId), eq(users.emailVerified, true), isNull(users.suspendedAt)))
    .orderBy(asc(users.id));
  return people.flatMap(({ userId, email, role, own, isOn }) => {
    const held = heldRole(role, own);
    const isTold = held !== null && allowed.has(userId) && (isOn ?? notificationDefaults[kind]);
    return isTold ? [{ userId, email: email.toLowerCase(), role: held.role }] : [];
  });
};
