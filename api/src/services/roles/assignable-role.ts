import type { Transaction } from '@everwave/schema/db';
import { findRole, type HeldRole } from '../../auth/find-role.ts';
import { beyond } from '../../auth/permissions.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';

/**
 * The role that the caller wants to give to somebody. Nobody gives what they do not hold. An own role stays as it is
 * until the transaction ends, so that it is neither widened nor deleted meanwhile.
 */
export const assignableRole = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  role: string,
): Promise<HeldRole> => {
  const held = await findRole(tx, caller.orgId, role, 'hold');
  if (!held) {
    throw problem('role_not_found', `Your org has no role ${role}.`, {
      errors: [{ path: 'role', message: 'Choose another role.' }],
    });
  }
  const missing = beyond(caller, held.permissions);
  if (missing.length > 0) {
    throw problem('not_allowed', `The role ${held.roleName} holds what you do not: ${missing.join(', ')}.`);
  }
  return held;
};
