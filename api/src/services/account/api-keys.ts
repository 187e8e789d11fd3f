import { randomUUIDv7 } from 'node:crypto';
import { type ApiKey, type CreatedApiKey, type Role, rolePermissions } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { and, desc, eq } from 'drizzle-orm';
import { apiKeyMetadata, newApiKey, roleOfApiKey } from '../../auth/api-keys.ts';
import { beyond } from '../../auth/permissions.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';

const { apiKeys } = tables;

export const listApiKeys = ({ db, caller }: ServiceContext): Promise<ApiKey[]> =>
  withOrg(db, caller.orgId, async (tx) => {
    const rows = await tx
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.referenceId, caller.orgId), eq(apiKeys.enabled, true)))
      .orderBy(desc(apiKeys.createdAt));
    return rows.map(toApiKey);
  });

export interface NewApiKey {
  readonly name: string;
  readonly role: Role;
  readonly expiresInDays: number | null;
}

/** The key itself is in this answer and nowhere else: only its hash is stored. */
export const createApiKey = async (
  context: Pick<ServiceContext, 'db' | 'caller' | 'requestId'>,
  { name, role, expiresInDays }: NewApiKey,
): Promise<CreatedApiKey> => {
  const { db, caller } = context;
  if (beyond(caller, rolePermissions[role]).length > 0) {
    throw problem('not_allowed', `Your role ${caller.roleName} cannot create a key with the role ${role}.`);
  }
  const { key, hash, start } = await newApiKey();
  const createdAt = new Date();
  const row = {
    id: randomUUIDv7(),
    name,
    key: hash,
    start,
    referenceId: caller.orgId,
    rateLimitEnabled: false,
    metadata: apiKeyMetadata(role),
    expiresAt: expiresInDays === null ? null : new Date(createdAt.getTime() + expiresInDays * 24 * 60 * 60 * 1_000),
    lastRequest: null,
    createdAt,
  };
  await withOrg(db, caller.orgId, async (tx) => {
    await tx.insert(apiKeys).values(row);
    const target = { kind: 'api_key', id: row.id };
    await audit(tx, context, { action: 'api_key.created', target, details: { name, role } });
  });
  return { ...toApiKey(row), key };
};

/** The key stops to work with the next request. */
export const revokeApiKey = async (context: ServiceContext, apiKeyId: string): Promise<void> => {
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const [revoked] = await tx
      .delete(apiKeys)
      .where(and(eq(apiKeys.id, apiKeyId), eq(apiKeys.referenceId, context.caller.orgId)))
      .returning({ name: apiKeys.name });
    if (!revoked) throw problem('api_key_not_found', `Your org has no API key ${apiKeyId}.`);
    const target = { kind: 'api_key', id: apiKeyId };
    await audit(tx, context, { action: 'api_key.revoked', target, details: { name: revoked.name } });
  });
};

type ShownColumns = 'id' | 'name' | 'start' | 'metadata' | 'createdAt' | 'expiresAt' | 'lastRequest';

const toApiKey = (row: Pick<typeof apiKeys.$inferSelect, ShownColumns>): ApiKey => ({
  id: row.id,
  name: row.name ?? row.id,
  start: row.start ?? '',
  role: roleOfApiKey(row.metadata) ?? 'viewer',
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  lastUsedAt: row.lastRequest?.toISOString() ?? null,
});
