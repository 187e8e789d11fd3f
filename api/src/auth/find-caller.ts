import { type Database, tables, withSystem } from '@everwave/schema/db';
import { and, asc, eq, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import type { AppDependencies, Caller } from '../context.ts';
import { problem } from '../problems.ts';
import { readAccess } from './access.ts';
import { findApiKeyCaller } from './api-keys.ts';
import { isAccessToken } from './access-token.ts';
import { heldRole } from './find-role.ts';
import { findVisitor } from './find-visitor.ts';
import { administers } from './permissions.ts';
import { accountSuspended } from './suspension.ts';

const { members, organizations, refreshTokens, roles, secondFactors, users } = tables;

/**
 * Who sent this request: the API key in `Authorization: Bearer …` or `x-api-key`, else the session cookie. Null when it
 * carries neither. A key that does not fit is refused, never quietly replaced by the cookie beside it. Throws
 * `account_suspended`, too.
 */
export const findCaller = async (
  { auth, db, accessTokens }: Pick<AppDependencies, 'auth' | 'db' | 'accessTokens'>,
  headers: Headers,
): Promise<Caller | null> => {
  const key = apiKeyIn(headers);
  if (key && isAccessToken(key)) return findTokenCaller({ db, accessTokens }, key);
  if (key) {
    const caller = await findApiKeyCaller(db, key);
    if (!caller) throw problem('api_key_invalid', 'The API key is unknown, revoked or expired. Create another one.');
    return caller;
  }
  const visitor = await findVisitor({ auth, db }, headers);
  const person = visitor && (await findPerson(db, visitor.userId, visitor.activeOrgId));
  return person && { ...person, sessionId: visitor.sessionId };
};

/** The API key that a request carries. Browsers add other kinds of `Authorization` by themselves: those are no key. */
export const apiKeyIn = (headers: Headers): string | null => {
  const [scheme, token] = (headers.get('authorization') ?? '').split(' ', 2);
  if (scheme?.toLowerCase() === 'bearer' && token) return token;
  return headers.get('x-api-key');
};

/** The person whose access token this is, as long as what renews it was not ended. */
const findTokenCaller = async (
  { db, accessTokens }: Pick<AppDependencies, 'db' | 'accessTokens'>,
  token: string,
): Promise<Caller> => {
  const owner = accessTokens.read(token);
  const [alive] = owner
    ? await db
        .select({ userId: refreshTokens.userId })
        .from(refreshTokens)
        .where(
          and(
            eq(refreshTokens.familyId, owner.familyId),
            eq(refreshTokens.userId, owner.userId),
            isNull(refreshTokens.revokedAt),
            gt(refreshTokens.expiresAt, sql`now()`),
          ),
        )
        .limit(1)
    : [];
  const person = alive && (await findPerson(db, alive.userId, null));
  if (person) return person;
  throw problem('access_token_invalid', 'The access token is wrong, too old or was ended. Renew it, or sign in again.');
};

/** A person in the org they work in: the one they switched to, else the one they joined first. */
const findPerson = async (db: Database, userId: string, activeOrgId: string | null): Promise<Caller | null> => {
  const found = await withSystem(db, async (tx) => {
    const [row] = await tx
      .select({
        id: users.id,
        name: users.name,
        email: users.email,
        username: users.username,
        emailVerified: users.emailVerified,
        isInstanceAdmin: users.isInstanceAdmin,
        suspendedAt: users.suspendedAt,
        orgId: organizations.id,
        orgName: organizations.name,
        requiresSecondFactor: organizations.requiresSecondFactor,
        secondFactor: secondFactors.confirmedAt,
        role: members.role,
        own: roles,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .innerJoin(organizations, eq(organizations.id, members.organizationId))
      .leftJoin(secondFactors, and(eq(secondFactors.userId, users.id), isNotNull(secondFactors.confirmedAt)))
      .leftJoin(roles, and(eq(roles.id, members.role), eq(roles.orgId, members.organizationId)))
      .where(and(eq(members.userId, userId), activeOrgId ? eq(members.organizationId, activeOrgId) : undefined))
      .orderBy(asc(members.createdAt))
      .limit(1);
    if (row?.suspendedAt) throw accountSuspended();
    const held = row && heldRole(row.role, row.own);
    if (!held) return null;
    const grantees = [{ kind: 'user', id: userId }] as const;
    return { row, held, access: await readAccess(tx, { orgId: row.orgId, grantees, held, scopes: null }) };
  });
  if (!found) return null;
  const { row, held, access } = found;
  const { id, name, email, username, orgId, orgName } = row;
  const isSecondFactorRequired = row.requiresSecondFactor && administers(held.permissions);
  const mustEnrol = isSecondFactorRequired && row.secondFactor === null ? 'enrol_second_factor' : null;
  const mustFirst = row.emailVerified ? mustEnrol : 'verify_email';
  return {
    kind: 'user',
    id,
    name,
    email,
    username,
    apiKey: null,
    orgId,
    orgName,
    ...held,
    access,
    isSecondFactorRequired,
    isInstanceAdmin: row.isInstanceAdmin,
    mustFirst,
  };
};
