import { randomUUIDv7 } from 'node:crypto';
import type { ApiKey, CreatedApiKey, NewApiKey } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { serviceAccountIdSchema, toId } from '@everwave/schema/ids';
import { and, desc, eq } from 'drizzle-orm';
import { newApiKey } from '../../auth/api-keys.ts';
import { cutTo, findRole, type HeldRole } from '../../auth/find-role.ts';
import { beyond } from '../../auth/permissions.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { forgetGrantsTo } from '../access/forget.ts';
import { audit } from '../audit.ts';
import { assignableRole } from '../roles/assignable-role.ts';
import { getServiceAccount } from '../service-accounts/service-accounts.ts';

const { apiKeys, serviceAccounts } = tables;

type KeyRow = typeof apiKeys.$inferSelect;
type AccountRow = typeof serviceAccounts.$inferSelect;

export const listApiKeys = ({ db, caller }: ServiceContext): Promise<ApiKey[]> =>
  withOrg(db, caller.orgId, async (tx) => {
    const rows = await tx
      .select({ apiKey: apiKeys, account: serviceAccounts })
      .from(apiKeys)
      .leftJoin(serviceAccounts, eq(serviceAccounts.id, apiKeys.serviceAccountId))
      .where(eq(apiKeys.orgId, caller.orgId))
      .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id));
    return Promise.all(rows.map(({ apiKey, account }) => toApiKey(tx, apiKey, account)));
  });

/** The key itself is in this answer and nowhere else: only its hash is stored. */
export const createApiKey = async (
  context: Pick<ServiceContext, 'db' | 'caller' | 'requestId'>,
  { name, role = 'developer', serviceAccountId, scopes, expiresInDays }: NewApiKey,
): Promise<CreatedApiKey> => {
  const { db, caller } = context;
  const { key, keyHash, start } = newApiKey();
  const createdAt = new Date();
  return withOrg(db, caller.orgId, async (tx) => {
    const account = serviceAccountId ? await getServiceAccount(tx, caller.orgId, serviceAccountId, 'hold') : null;
    refuseUnheldScopes(await assignableRole(tx, context, account?.role ?? role), scopes);
    const row: KeyRow = {
      id: toId('key', randomUUIDv7()),
      orgId: caller.orgId,
      name,
      start,
      keyHash,
      serviceAccountId: account?.id ?? null,
      role: account ? null : role,
      permissions: scopes,
      createdBy: caller.id,
      createdByName: caller.name,
      expiresAt: expiresInDays === null ? null : new Date(createdAt.getTime() + expiresInDays * 24 * 60 * 60 * 1_000),
      lastUsedAt: null,
      createdAt,
    };
    await tx.insert(apiKeys).values(row);
    await audit(tx, context, {
      action: 'api_key.created',
      target: { kind: 'api_key', id: row.id, name },
      after: { scopes, expiresInDays, ...(account ? { serviceAccount: account.name } : { role }) },
    });
    return { ...(await toApiKey(tx, row, account)), key };
  });
};

/** The key stops to work with the next request. */
export const revokeApiKey = async (context: ServiceContext, apiKeyId: string): Promise<void> => {
  await withOrg(context.db, context.caller.orgId, async (tx) => {
    const [revoked] = await tx
      .delete(apiKeys)
      .where(and(eq(apiKeys.id, apiKeyId), eq(apiKeys.orgId, context.caller.orgId)))
      .returning({ name: apiKeys.name, start: apiKeys.start });
    if (!revoked) throw problem('api_key_not_found', `Your org has no API key ${apiKeyId}.`);
    await forgetGrantsTo(tx, context.caller.orgId, { kind: 'apiKey', id: apiKeyId });
    const target = { kind: 'api_key', id: apiKeyId, name: revoked.name };
    // Whoever still uses it is noted with its first letters.
    await audit(tx, context, { action: 'api_key.revoked', target, details: { start: revoked.start } });
  });
};

/** A scope that the role does not hold would say something that is not so. */
const refuseUnheldScopes = ({ roleName, permissions }: HeldRole, scopes: NewApiKey['scopes']): void => {
  const unheld = beyond({ permissions }, scopes ?? []);
  if (unheld.length === 0) return;
  const message = `The role ${roleName} does not hold ${unheld.join(', ')}.`;
  throw problem('invalid_request', `${message} Choose among what it holds, or another role.`, {
    errors: [{ path: 'scopes', message }],
  });
};

const toApiKey = async (tx: Transaction, row: KeyRow, account: AccountRow | null): Promise<ApiKey> => {
  const role = account?.role ?? row.role ?? '';
  const held = await findRole(tx, row.orgId, role);
  return {
    id: row.id,
    name: row.name,
    start: row.start,
    role,
    roleName: held?.roleName ?? role,
    serviceAccount: account && { id: serviceAccountIdSchema.parse(account.id), name: account.name },
    scopes: row.permissions,
    permissions: held ? [...cutTo(held, row.permissions).permissions] : [],
    createdBy: row.createdBy === null ? null : { id: row.createdBy, name: row.createdByName ?? row.createdBy },
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
};
