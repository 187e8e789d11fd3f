import { randomUUIDv7 } from 'node:crypto';
import type { CreateServiceAccountRequest, ServiceAccount, UpdateServiceAccountRequest } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { serviceAccountIdSchema, toId } from '@everwave/schema/ids';
import { and, asc, count, eq } from 'drizzle-orm';
import { findRole } from '../../auth/find-role.ts';
import type { ServiceContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { forgetGrantsTo } from '../access/forget.ts';
import { audit } from '../audit.ts';
import { assignableRole } from '../roles/assignable-role.ts';

const { apiKeys, serviceAccounts } = tables;

type AccountRow = typeof serviceAccounts.$inferSelect;

export const listServiceAccounts = ({ db, caller }: ServiceContext): Promise<ServiceAccount[]> =>
  withOrg(db, caller.orgId, async (tx) => {
    const rows = await tx
      .select()
      .from(serviceAccounts)
      .where(eq(serviceAccounts.orgId, caller.orgId))
      .orderBy(asc(serviceAccounts.name));
    return Promise.all(rows.map((row) => toServiceAccount(tx, row)));
  });

export const createServiceAccount = (
  context: ServiceContext,
  given: CreateServiceAccountRequest,
): Promise<ServiceAccount> => {
  const { db, caller } = context;
  const id = toId('svc', randomUUIDv7());
  return withOrg(db, caller.orgId, async (tx) => {
    await assignableRole(tx, context, given.role);
    await tx.insert(serviceAccounts).values({ id, orgId: caller.orgId, ...given, createdBy: caller.id });
    const target = { kind: 'service_account', id, name: given.name };
    await audit(tx, context, { action: 'service_account.created', target, after: given });
    return toServiceAccount(tx, await getServiceAccount(tx, caller.orgId, id));
  }).catch(refuseTakenName(given.name));
};

export const updateServiceAccount = (
  context: ServiceContext,
  accountId: string,
  { isDisabled, ...change }: UpdateServiceAccountRequest,
): Promise<ServiceAccount> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    const before = await getServiceAccount(tx, caller.orgId, accountId, 'lock');
    // Whoever works in it can be stopped by anyone who manages keys, but is led only by those who hold as much.
    if (change.role !== undefined || isDisabled === false) await assignableRole(tx, context, before.role);
    if (change.role !== undefined) await assignableRole(tx, context, change.role);
    const now = new Date();
    const disabledAt = isDisabled === undefined ? before.disabledAt : isDisabled ? (before.disabledAt ?? now) : null;
    const [after] = await tx
      .update(serviceAccounts)
      .set({ ...change, disabledAt, updatedAt: now })
      .where(eq(serviceAccounts.id, accountId))
      .returning();
    if (!after) throw new Error(`The locked service account ${accountId} is gone.`);
    const target = { kind: 'service_account', id: accountId, name: after.name };
    const fields = { before: fieldsOf(before), after: fieldsOf(after) };
    await audit(tx, context, { action: 'service_account.changed', target, ...fields });
    return toServiceAccount(tx, after);
  }).catch(refuseTakenName(change.name ?? ''));
};

/** Its keys go with it. */
export const deleteServiceAccount = async (context: ServiceContext, accountId: string): Promise<void> => {
  const { db, caller } = context;
  await withOrg(db, caller.orgId, async (tx) => {
    const before = await getServiceAccount(tx, caller.orgId, accountId, 'lock');
    await tx.delete(serviceAccounts).where(eq(serviceAccounts.id, accountId));
    await forgetGrantsTo(tx, caller.orgId, { kind: 'serviceAccount', id: accountId });
    const target = { kind: 'service_account', id: accountId, name: before.name };
    await audit(tx, context, { action: 'service_account.deleted', target, before: fieldsOf(before) });
  });
};

const fieldsOf = ({ name, description, role, disabledAt }: AccountRow) => ({ name, description, role, disabledAt });

export const getServiceAccount = async (
  tx: Transaction,
  orgId: string,
  accountId: string,
  lock: 'lock' | 'hold' | 'read' = 'read',
): Promise<AccountRow> => {
  const query = tx
    .select()
    .from(serviceAccounts)
    .where(and(eq(serviceAccounts.id, accountId), eq(serviceAccounts.orgId, orgId)));
  const [row] = await (lock === 'read' ? query : query.for(lock === 'lock' ? 'update' : 'share'));
  if (!row) throw problem('service_account_not_found', `Your org has no service account ${accountId}.`);
  return row;
};

const refuseTakenName =
  (name: string) =>
  (error: unknown): never => {
    if (uniqueViolationOf(error) !== 'service_accounts_org_name') throw error;
    throw problem('name_taken', `Another service account is called “${name}”. Choose another name.`, {
      errors: [{ path: 'name', message: 'This name is taken.' }],
    });
  };

const toServiceAccount = async (tx: Transaction, row: AccountRow): Promise<ServiceAccount> => {
  const [keys] = await tx.select({ count: count() }).from(apiKeys).where(eq(apiKeys.serviceAccountId, row.id));
  return {
    id: serviceAccountIdSchema.parse(row.id),
    name: row.name,
    description: row.description,
    role: row.role,
    roleName: (await findRole(tx, row.orgId, row.role))?.roleName ?? row.role,
    apiKeys: keys?.count ?? 0,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
};
