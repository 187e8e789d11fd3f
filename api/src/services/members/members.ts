import type { Member, RoleReference } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { forgetGrantsTo } from '../access/forget.ts';
import { audit } from '../audit.ts';
import { assignableRole } from '../roles/assignable-role.ts';
import { toMoment } from '../runs/to-run.ts';
import { refuseBeyond } from './hand-out.ts';
import { lockOrg, refuseLastOwner } from './lock-org.ts';

const { members, roles, users } = tables;

const columns = {
  id: members.id,
  userId: members.userId,
  name: users.name,
  email: users.email,
  role: members.role,
  roleName: sql<string>`coalesce(${roles.name}, ${members.role})`,
  joinedAt: members.createdAt,
  lastSignInAt: users.lastSignInAt,
};

const selectMembers = (tx: Transaction) =>
  tx
    .select(columns)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(roles, and(eq(roles.id, members.role), eq(roles.orgId, members.organizationId)))
    .$dynamic();
type MemberRow = Awaited<ReturnType<typeof selectMembers>>[number];

const toMember = ({ joinedAt, lastSignInAt, role, ...row }: MemberRow): Member => ({
  ...row,
  role: role as RoleReference,
  joinedAt: joinedAt.toISOString(),
  lastSignInAt: toMoment(lastSignInAt),
});

/** Everybody in the org, by name. */
export const listMembers = ({ db, caller }: ServiceContext): Promise<Member[]> =>
  withOrg(db, caller.orgId, async (tx) => {
    const rows = await selectMembers(tx)
      .where(eq(members.organizationId, caller.orgId))
      .orderBy(asc(users.name), asc(members.id));
    return rows.map(toMember);
  });

export const getMember = async (tx: Transaction, orgId: string, memberId: string): Promise<Member> => {
  const [row] = await selectMembers(tx).where(and(eq(members.id, memberId), eq(members.organizationId, orgId)));
  if (!row) throw problem('member_not_found', `Your org has no member ${memberId}.`);
  return toMember(row);
};

/** Holds from the member's next request. */
export const changeRole = (context: ServiceContext, memberId: string, role: RoleReference): Promise<Member> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { caller } = context;
    await lockOrg(tx, caller.orgId);
    const before = await getMember(tx, caller.orgId, memberId);
    if (before.role === role) return before;
    await refuseBeyond(tx, caller, before.role, `change the role of ${before.name}`);
    await assignableRole(tx, context, role);
    if (before.role === 'owner') await refuseLastOwner(tx, caller.orgId, before.userId);
    await tx.update(members).set({ role }).where(eq(members.id, memberId));
    await audit(tx, context, {
      action: 'member.role_changed',
      target: { kind: 'member', id: memberId, name: before.name },
      details: { userId: before.userId, from: before.role, to: role },
      before: { role: before.role },
      after: { role },
    });
    return getMember(tx, caller.orgId, memberId);
  });

/** Ends the member's access with their next request; what they made stays. */
export const removeMember = (context: ServiceContext, memberId: string): Promise<void> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { caller } = context;
    await lockOrg(tx, caller.orgId);
    const member = await getMember(tx, caller.orgId, memberId);
    await refuseBeyond(tx, caller, member.role, `remove ${member.name}`);
    if (member.role === 'owner') await refuseLastOwner(tx, caller.orgId, member.userId);
    await tx.delete(members).where(eq(members.id, memberId));
    await forgetGrantsTo(tx, caller.orgId, { kind: 'user', id: member.userId });
    await audit(tx, context, {
      action: member.userId === caller.id ? 'member.left' : 'member.removed',
      target: { kind: 'member', id: memberId, name: member.name },
      details: { userId: member.userId, role: member.role },
    });
  });
