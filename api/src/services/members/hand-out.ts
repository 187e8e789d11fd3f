import type { Transaction } from '@everwave/schema/db';
import { findRole } from '../../auth/find-role.ts';
import { beyond } from '../../auth/permissions.ts';
import type { Caller } from '../../context.ts';
import { problem } from '../../problems.ts';

/** Nobody changes or takes away more than they hold. */
export const refuseBeyond = async (tx: Transaction, caller: Caller, role: string, deed: string): Promise<void> => {
  const held = await findRole(tx, caller.orgId, role, 'hold');
  if (beyond(caller, held?.permissions ?? []).length === 0) return;
  throw problem(
    'not_allowed',
    `Your role ${caller.roleName} cannot ${deed}: ${held?.roleName ?? role} may do more than you.`,
  );
};
