import { randomUUIDv7 } from 'node:crypto';
import {
  type CreateRoleRequest,
  type OrgRole,
  type Permission,
  rolePermissions,
  roles as builtInRoles,
  type UpdateRoleRequest,
} from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { toId } from '@everwave/schema/ids';
import { and, asc, eq } from 'drizzle-orm';
import { beyond } from '../../auth/permissions.ts';
import type { ServiceContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { readRoleUsage, type RoleUsage, tellUsage } from './role-usage.ts';

const { roles } = tables;

type RoleRow = typeof roles.$inferSelect;

/** The built-in roles, then the org's own by name. */
export const listRoles = ({ db, caller }: ServiceContext): Promise<OrgRole[]> =>
  withOrg(db, caller.orgId, async (tx) => {
    const usageOf = await readRoleUsage(tx, caller.orgId);
    const own = await tx.select().from(roles).where(eq(roles.orgId, caller.orgId)).orderBy(asc(roles.name));
    const builtIn = builtInRoles.map((role) => ({
      id: role,
      name: role,
      description: '',
      isBuiltIn: true,
      permissions: [...rolePermissions[role]],
      usedBy: usageOf(role),
      createdAt: null,
      updatedAt: null,
    }));
    return [...builtIn, ...own.map((row) => toRole(row, usageOf(row.id)))];
  });

export const readRole = ({ db, caller }: ServiceContext, roleId: string): Promise<OrgRole> =>
  withOrg(db, caller.orgId, async (tx) => {
    const row = await getRole(tx, caller.orgId, roleId);
    return toRole(row, (await readRoleUsage(tx, caller.orgId))(roleId));
  });

export const createRole = (context: ServiceContext, given: CreateRoleRequest): Promise<OrgRole> => {
  const { db, caller } = context;
  const id = toId('role', randomUUIDv7());
  refuseBeyond(context, given.permissions);
  return withOrg(db, caller.orgId, async (tx) => {
    await tx.insert(roles).values({ id, orgId: caller.orgId, ...given, createdBy: caller.id });
    await audit(tx, context, { action: 'role.created', target: { kind: 'role', id, name: given.name }, after: given });
    return toRole(await getRole(tx, caller.orgId, id), (await readRoleUsage(tx, caller.orgId))(id));
  }).catch(refuseTakenName(given.name));
};

/** Whoever has the role may do what it says now with their next request. */
export const updateRole = (context: ServiceContext, roleId: string, change: UpdateRoleRequest): Promise<OrgRole> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    const before = await getRole(tx, caller.orgId, roleId, 'lock');
    // Neither widened beyond what the caller holds, nor is a greater role cut down by a lesser one.
    refuseBeyond(context, [...before.permissions, ...(change.permissions ?? [])]);
    const [after] = await tx
      .update(roles)
      .set({ ...change, updatedAt: new Date() })
      .where(eq(roles.id, roleId))
      .returning();
    if (!after) throw new Error(`The locked role ${roleId} is gone.`);
    const target = { kind: 'role', id: roleId, name: after.name };
    await audit(tx, context, { action: 'role.changed', target, before: fieldsOf(before), after: fieldsOf(after) });
    return toRole(after, (await readRoleUsage(tx, caller.orgId))(roleId));
  }).catch(refuseTakenName(change.name ?? ''));
};

export const deleteRole = ({ db, ...context }: ServiceContext, roleId: string): Promise<void> => {
  const { caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    const row = await getRole(tx, caller.orgId, roleId, 'lock');
    refuseBeyond(context, row.permissions);
    const usage = tellUsage((await readRoleUsage(tx, caller.orgId))(roleId));
    if (usage !== '') {
      throw problem('role_in_use', `The role ${row.name} is still held: ${usage}. Give them another role first.`);
    }
    await tx.delete(roles).where(eq(roles.id, roleId));
    await audit(tx, context, {
      action: 'role.deleted',
      target: { kind: 'role', id: roleId, name: row.name },
      before: fieldsOf(row),
    });
  });
};

const refuseBeyond = ({ caller }: Pick<ServiceContext, 'caller'>, given: readonly Permission[]): void => {
  const missing = beyond(caller, new Set(given));
  if (missing.length === 0) return;
  throw problem('not_allowed', `A role that holds more than you do is not yours to write: ${missing.join(', ')}.`, {
    errors: [{ path: 'permissions', message: `You do not hold ${missing.join(', ')}.` }],
  });
};

const getRole = async (
  tx: Transaction,
  orgId: string,
  roleId: string,
  lock: 'lock' | 'read' = 'read',
): Promise<RoleRow> => {
  const query = tx
    .select()
    .from(roles)
    .where(and(eq(roles.id, roleId), eq(roles.orgId, orgId)));
  const [row] = await (lock === 'lock' ? query.for('update') : query);
  if (!row) throw problem('role_not_found', `Your org has no role ${roleId}.`);
  return row;
};

const fieldsOf = ({ name, description, permissions }: RoleRow) => ({ name, description, permissions });

const refuseTakenName =
  (name: string) =>
  (error: unknown): never => {
    if (uniqueViolationOf(error) !== 'roles_org_name') throw error;
    throw problem('name_taken', `Another role is called “${name}”. Choose another name.`, {
      errors: [{ path: 'name', message: 'This name is taken.' }],
    });
  };

const toRole = (row: RoleRow, usedBy: RoleUsage): OrgRole => ({
  id: row.id,
  name: row.name,
  description: row.description,
  isBuiltIn: false,
  permissions: row.permissions,
  usedBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
