import type { Role } from '@everwave/schema/api';
import { findRole } from '../../auth/find-role.ts';
import { beyond } from '../../auth/permissions.ts';
import type { Caller } from '../../context.ts';
import { problem } from '../../problems.ts';

/** Nobody hands out, changes or takes away more than they hold. */
export const refuseBeyond = (caller: Caller, role: Role, deed: string): void => {
  if (beyond(caller, findRole(role)?.permissions ?? []).length === 0) return;
  throw problem('not_allowed', `Your role ${caller.roleName} cannot ${deed}: ${role} may do more than you.`);
};
