import { type Role, rolePermissions, roles } from '@everwave/schema/api';
import type { Caller } from '../context.ts';

export type HeldRole = Pick<Caller, 'role' | 'roleName' | 'permissions'>;

const isBuiltIn = (name: string): name is Role => roles.some((role) => role === name);

export const builtInRole = (role: Role): HeldRole => ({
  role,
  roleName: role,
  permissions: new Set(rolePermissions[role]),
});

/** What somebody with this role holds. Null for a role that does not exist: they may do nothing. */
export const findRole = (name: string): HeldRole | null => (isBuiltIn(name) ? builtInRole(name) : null);
