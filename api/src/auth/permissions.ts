import type { Permission } from '@everwave/schema/api';
import type { Caller } from '../context.ts';
import { type HttpProblem, problem } from '../problems.ts';

/** Whether a caller may do this in their org. The one place that says so. */
export const mayDo = ({ permissions }: Pick<Caller, 'permissions'>, permission: Permission): boolean =>
  permissions.has(permission);

export const lacking = ({ roleName }: Pick<Caller, 'roleName'>, permission: Permission): HttpProblem =>
  problem('not_allowed', `This needs the permission ${permission}; your role ${roleName} does not have it.`);

/** Nobody hands out more than they hold, whether in a role, in a key or in an invitation. Empty when all of it is theirs. */
export const beyond = ({ permissions }: Pick<Caller, 'permissions'>, given: Iterable<Permission>): Permission[] =>
  [...given].filter((permission) => !permissions.has(permission));
