import { type Permission, permissions, type Role, rolePermissions, roles as builtInRoles } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { Caller } from '../context.ts';

const { roles } = tables;

export type HeldRole = Pick<Caller, 'role' | 'roleName' | 'permissions'>;
type OwnRole = Pick<typeof roles.$inferSelect, 'name' | 'permissions'>;

const isBuiltIn = (name: string): name is Role => builtInRoles.some((role) => role === name);

export const builtInRole = (role: Role): HeldRole => ({
  role,
  roleName: role,
  permissions: new Set(rolePermissions[role]),
});

const isHeldIn = (held: ReadonlySet<Permission>, role: Role): boolean =>
  rolePermissions[role].every((permission) => held.has(permission));

/**
 * What a stored role holds: a built-in one by its name, else the org's own that was found with it. Null for a role that
 * does not exist: whoever has it may do nothing.
 */
export const heldRole = (name: string, own: OwnRole | null): HeldRole | null => {
  if (isBuiltIn(name)) return builtInRole(name);
  if (!own) return null;
  const held = new Set(permissions.filter((permission) => own.permissions.includes(permission)));
  const role = builtInRoles.find((each) => isHeldIn(held, each)) ?? 'viewer';
  return { role, roleName: own.name, permissions: held };
};

/** `hold` keeps an own role from being deleted or changed until the transaction ends. */
export const findRole = async (
  tx: Transaction,
  orgId: string,
  name: string,
  lock: 'hold' | 'read' = 'read',
): Promise<HeldRole | null> => {
  if (isBuiltIn(name)) return builtInRole(name);
  const query = tx
    .select({ name: roles.name, permissions: roles.permissions })
    .from(roles)
    .where(and(eq(roles.id, name), eq(roles.orgId, orgId)));
  const [own] = await (lock === 'hold' ? query.for('share') : query);
  return heldRole(name, own ?? null);
};

/** What is left of a role for a key that was made for less; null leaves it whole. */
export const cutTo = (held: HeldRole, scopes: readonly Permission[] | null): HeldRole => ({
  ...held,
  permissions: scopes ? new Set(scopes.filter((permission) => held.permissions.has(permission))) : held.permissions,
});
