import { type Database, tables } from '@everwave/schema/db';
import { and, asc, eq } from 'drizzle-orm';
import type { AppDependencies, Caller } from '../context.ts';
import { problem } from '../problems.ts';
import { findApiKeyCaller } from './api-keys.ts';
import { explainFailure } from './explain-failure.ts';
import { findRole, type HeldRole } from './find-role.ts';

const { members, organizations } = tables;

/**
 * Who sent this request: the API key in `Authorization: Bearer …` or `x-api-key`, else the session cookie. Null when it
 * carries neither. A key that does not fit is refused, never quietly replaced by the cookie beside it.
 */
export const findCaller = async (
  { auth, db }: Pick<AppDependencies, 'auth' | 'db'>,
  headers: Headers,
): Promise<Caller | null> => {
  const key = apiKeyIn(headers);
  if (key) {
    const caller = await findApiKeyCaller(db, key);
    if (!caller) throw problem('api_key_invalid', 'The API key is unknown, revoked or expired. Create another one.');
    return caller;
  }
  if (!headers.has('cookie')) return null;
  const session = await auth.api.getSession({ headers }).catch(async (error: unknown) => {
    throw await explainFailure(db, error);
  });
  if (!session) return null;
  const { user } = session;
  const membership = await findMembership(db, user.id, session.session.activeOrganizationId ?? null);
  return membership && { kind: 'user', id: user.id, name: user.name, email: user.email, ...membership };
};

/** The API key that a request carries. Browsers add other kinds of `Authorization` by themselves: those are no key. */
export const apiKeyIn = (headers: Headers): string | null => {
  const [scheme, token] = (headers.get('authorization') ?? '').split(' ', 2);
  if (scheme?.toLowerCase() === 'bearer' && token) return token;
  return headers.get('x-api-key');
};

/** The org the person works in: the one they switched to, else the one they joined first. */
const findMembership = async (
  db: Database,
  userId: string,
  activeOrgId: string | null,
): Promise<(Pick<Caller, 'orgId' | 'orgName'> & HeldRole) | null> => {
  const [row] = await db
    .select({ orgId: organizations.id, orgName: organizations.name, role: members.role })
    .from(members)
    .innerJoin(organizations, eq(organizations.id, members.organizationId))
    .where(and(eq(members.userId, userId), activeOrgId ? eq(members.organizationId, activeOrgId) : undefined))
    .orderBy(asc(members.createdAt))
    .limit(1);
  const held = row && findRole(row.role);
  return held ? { orgId: row.orgId, orgName: row.orgName, ...held } : null;
};
