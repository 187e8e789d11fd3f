import type { MyOrgList, RoleReference } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg, withSystem } from '@everwave/schema/db';
import { and, asc, eq } from 'drizzle-orm';
import type { VisitorContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { forgetGrantsTo } from '../access/forget.ts';
import { audit } from '../audit.ts';
import { mayCreateOrg } from './may-create-org.ts';
import { lockOrg, refuseLastOwner } from '../members/lock-org.ts';

const { members, organizations, sessions, users } = tables;

/** The orgs of a person, by name. */
export const listMyOrgs = async ({ db, visitor, settings }: VisitorContext): Promise<MyOrgList> => {
  const { id, name, slug } = organizations;
  const rows = await db
    .select({ id, name, slug, role: members.role })
    .from(members)
    .innerJoin(organizations, eq(organizations.id, members.organizationId))
    .where(eq(members.userId, visitor.userId))
    .orderBy(asc(name), asc(id));
  const [person] = await db.select().from(users).where(eq(users.id, visitor.userId));
  const items = rows.map((row) => ({
    ...row,
    id: orgIdSchema.parse(row.id),
    role: row.role as RoleReference,
    isActive: row.id === visitor.activeOrgId,
  }));
  return { items, mayCreate: person !== undefined && mayCreateOrg(settings, person) };
};

const getMembership = async (tx: Transaction, userId: string, orgId: string) => {
  const [found] = await tx
    .select({ id: members.id, role: members.role })
    .from(members)
    .where(and(eq(members.userId, userId), eq(members.organizationId, orgId)));
  if (!found) throw problem('organisation_not_found', `You belong to no organisation ${orgId}.`);
  return found;
};

/** From now on the session works in this org, and a later session begins there. */
export const switchOrg = ({ db, visitor }: VisitorContext, orgId: string): Promise<void> =>
  withSystem(db, async (tx) => {
    const { id } = await getMembership(tx, visitor.userId, orgId);
    await enterOrg(tx, { memberId: id, sessionId: visitor.sessionId, orgId });
  });

export const enterOrg = async (
  tx: Transaction,
  { memberId, sessionId, orgId }: { readonly memberId: string; readonly sessionId: string; readonly orgId: string },
): Promise<void> => {
  await tx.update(members).set({ chosenAt: new Date() }).where(eq(members.id, memberId));
  await tx.update(sessions).set({ activeOrganizationId: orgId }).where(eq(sessions.id, sessionId));
};

/** A person leaves an org of theirs. The last owner cannot. */
export const leaveOrg = async ({ db, visitor, requestId, client }: VisitorContext, orgId: string): Promise<void> => {
  await withOrg(db, orgId, async (tx) => {
    await lockOrg(tx, orgId);
    const { id, role } = await getMembership(tx, visitor.userId, orgId);
    if (role === 'owner') await refuseLastOwner(tx, orgId, visitor.userId);
    await tx.delete(members).where(eq(members.id, id));
    await forgetGrantsTo(tx, orgId, { kind: 'user', id: visitor.userId });
    const caller = { kind: 'user', orgId, id: visitor.userId, name: visitor.name };
    await audit(
      tx,
      { caller, requestId, client },
      { action: 'member.left', target: { kind: 'member', id }, details: { userId: visitor.userId, role } },
    );
  });
};
