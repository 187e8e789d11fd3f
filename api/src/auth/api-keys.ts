import { createHash, randomBytes } from 'node:crypto';
import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, eq, gt, isNull, lt, or } from 'drizzle-orm';
import type { Caller } from '../context.ts';
import { readAccess } from './access.ts';
import { cutTo, heldRole } from './find-role.ts';
import { accountSuspended } from './suspension.ts';

const { apiKeys, organizations, roles, serviceAccounts, users } = tables;

const prefix = 'ew_';
const noteUseEvery = 60_000;

/** 256 random bits need no slow hash. */
const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** A new key with the hash that is stored in its place. */
export const newApiKey = (): { key: string; keyHash: string; start: string } => {
  const key = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { key, keyHash: hashOf(key), start: key.slice(0, prefix.length + 4) };
};

/**
 * Whoever holds this key, or null when it is unknown, revoked or expired, or when its service account is disabled. A key
 * of no service account is as good as who made it: it throws `account_suspended` with them.
 */
export const findApiKeyCaller = async (db: Database, key: string): Promise<Caller | null> => {
  if (!key.startsWith(prefix) || key.length > 200) return null;
  const now = new Date();
  return withSystem(db, async (tx) => {
    const [found] = await tx
      .select({
        apiKey: apiKeys,
        account: serviceAccounts,
        own: roles,
        orgName: organizations.name,
        suspendedAt: users.suspendedAt,
      })
      .from(apiKeys)
      .innerJoin(organizations, eq(organizations.id, apiKeys.orgId))
      .leftJoin(serviceAccounts, eq(serviceAccounts.id, apiKeys.serviceAccountId))
      .leftJoin(users, and(eq(users.id, apiKeys.createdBy), isNull(apiKeys.serviceAccountId)))
      .leftJoin(
        roles,
        and(or(eq(roles.id, apiKeys.role), eq(roles.id, serviceAccounts.role)), eq(roles.orgId, apiKeys.orgId)),
      )
      .where(
        and(
          eq(apiKeys.keyHash, hashOf(key)),
          or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)),
          isNull(serviceAccounts.disabledAt),
        ),
      );
    if (found?.suspendedAt) throw accountSuspended();
    const role = found?.account?.role ?? found?.apiKey.role;
    const held = found && role ? heldRole(role, found.own) : null;
    if (!found || !held) return null;
    const { apiKey, account, orgName } = found;
    await noteUse(tx, apiKey.id, now);
    const { orgId, permissions: scopes } = apiKey;
    const holder = account ?? apiKey;
    const kind = account ? 'serviceAccount' : 'apiKey';
    const cut = cutTo(held, scopes);
    return {
      ...cut,
      kind,
      id: holder.id,
      name: holder.name,
      access: await readAccess(tx, { orgId, grantees: [{ kind, id: holder.id }], held: cut, scopes }),
      apiKey: { id: apiKey.id, name: apiKey.name },
      email: null,
      orgId,
      orgName,
    };
  });
};

/** A key that was refused, as far as it is known: one that was revoked is not there any more. */
export interface RefusedKey {
  readonly id: string;
  readonly name: string;
  readonly orgId: string;
  readonly reason: 'expired' | 'of a service account that is switched off' | 'without a role that exists';
}

/** Why this key does not work; null for one that nobody has. */
export const explainRefusedKey = (db: Database, key: string): Promise<RefusedKey | null> =>
  withSystem(db, async (tx) => {
    const [found] = await tx
      .select({ apiKey: apiKeys, disabledAt: serviceAccounts.disabledAt })
      .from(apiKeys)
      .leftJoin(serviceAccounts, eq(serviceAccounts.id, apiKeys.serviceAccountId))
      .where(eq(apiKeys.keyHash, hashOf(key)));
    if (!found) return null;
    const { id, name, orgId, expiresAt } = found.apiKey;
    const isExpired = expiresAt !== null && expiresAt <= new Date();
    const other = found.disabledAt ? 'of a service account that is switched off' : 'without a role that exists';
    return { id, name, orgId, reason: isExpired ? 'expired' : other };
  });

/** What may be shown of a key, to recognise it by; null of what is none. */
export const startOfKey = (key: string): string | null =>
  /^ew_[\w-]{43}$/.test(key) ? key.slice(0, prefix.length + 4) : null;

/** At most one write per key and minute, so that a busy key is not a hot row. */
const noteUse = async (tx: Transaction, id: string, now: Date): Promise<void> => {
  const stale = or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, new Date(now.getTime() - noteUseEvery)));
  await tx
    .update(apiKeys)
    .set({ lastUsedAt: now })
    .where(and(eq(apiKeys.id, id), stale));
};
