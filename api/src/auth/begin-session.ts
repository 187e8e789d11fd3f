import { type Database, tables } from '@everwave/schema/db';
import { asc, desc, eq, sql } from 'drizzle-orm';

const { members, users } = tables;

/**
 * A session works in one org from its beginning: the one the person last switched to, else the one they joined first. So
 * another session that switches, or a membership that ends, never moves this one to an org that its person did not choose.
 */
export const beginSession = async <Session extends { readonly userId: string }>(db: Database, session: Session) => {
  const [first] = await db
    .select({ orgId: members.organizationId })
    .from(members)
    .where(eq(members.userId, session.userId))
    .orderBy(sql`${desc(members.chosenAt)} nulls last`, asc(members.createdAt), asc(members.id))
    .limit(1);
  await db.update(users).set({ lastSignInAt: new Date() }).where(eq(users.id, session.userId));
  return { data: { ...session, activeOrganizationId: first?.orgId ?? null } };
};
