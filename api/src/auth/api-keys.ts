import { randomBytes } from 'node:crypto';
import { defaultKeyHasher } from '@better-auth/api-key';
import { type Role, roles } from '@everwave/schema/api';
import { type Database, tables } from '@everwave/schema/db';
import { and, eq, gt, isNull, lt, or } from 'drizzle-orm';
import * as z from 'zod';
import type { Caller } from '../context.ts';
import { findRole } from './find-role.ts';

const { apiKeys, organizations } = tables;

const prefix = 'ew_';
const metadataSchema = z.object({ role: z.enum(roles) });
const noteUseEvery = 60_000;

/** A new key with the hash that is stored in its place: 256 random bits need no slow hash. */
export const newApiKey = async (): Promise<{ key: string; hash: string; start: string }> => {
  const key = `${prefix}${randomBytes(32).toString('base64url')}`;
  return { key, hash: await defaultKeyHasher(key), start: key.slice(0, prefix.length + 4) };
};

export const apiKeyMetadata = (role: Role): string => JSON.stringify({ role });

/** Null when the metadata is not ours: such a key may do nothing. */
export const roleOfApiKey = (metadata: string | null): Role | null => {
  try {
    return metadataSchema.parse(JSON.parse(metadata ?? 'null')).role;
  } catch {
    return null;
  }
};

/** Whoever holds this key, or null when it is unknown, revoked or expired. */
export const findApiKeyCaller = async (db: Database, key: string): Promise<Caller | null> => {
  if (!key.startsWith(prefix) || key.length > 200) return null;
  const now = new Date();
  const [found] = await db
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      metadata: apiKeys.metadata,
      orgId: organizations.id,
      orgName: organizations.name,
    })
    .from(apiKeys)
    .innerJoin(organizations, eq(organizations.id, apiKeys.referenceId))
    .where(
      and(
        eq(apiKeys.key, await defaultKeyHasher(key)),
        eq(apiKeys.enabled, true),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)),
      ),
    );
  const role = found && roleOfApiKey(found.metadata);
  const held = role && findRole(role);
  if (!held) return null;
  await noteUse(db, found.id, now);
  const { id, name, orgId, orgName } = found;
  return { kind: 'apiKey', id, name: name ?? id, email: null, orgId, orgName, ...held };
};

/** At most one write per key and minute, so that a busy key is not a hot row. */
const noteUse = async (db: Database, id: string, now: Date): Promise<void> => {
  const stale = or(isNull(apiKeys.lastRequest), lt(apiKeys.lastRequest, new Date(now.getTime() - noteUseEvery)));
  await db
    .update(apiKeys)
    .set({ lastRequest: now })
    .where(and(eq(apiKeys.id, id), stale));
};
