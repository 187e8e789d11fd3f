import type { Permission } from '@everwave/schema/api';
import type { Caller } from '../context.ts';
import { type HttpProblem, problem } from '../problems.ts';

/** Whether a caller may do this in their org. The one place that says so. */
export const mayDo = ({ permissions }: Pick<Caller, 'permissions'>, permission: Permission): boolean =>
  permissions.has(permission);

/** Whether a caller may do this with one flow or one connection at least, although not in all of the org. */
export const mayOn = (
  { access }: Pick<Caller, 'access'>,
  thing: 'flow' | 'connection',
  permission: Permission,
): boolean =>
  access.grants.some(
    (grant) => (grant.thing === 'connection') === (thing === 'connection') && grant.permissions.has(permission),
  );

export const lacking = ({ roleName }: Pick<Caller, 'roleName'>, permission: Permission): HttpProblem =>
  problem('not_allowed', `This needs the permission ${permission}; your role ${roleName} does not have it.`);

/** Nobody hands out more than they hold, whether in a role, in a key or in an invitation. Empty when all of it is theirs. */
export const beyond = ({ permissions }: Pick<Caller, 'permissions'>, given: Iterable<Permission>): Permission[] =>
  [...given].filter((permission) => !permissions.has(permission));

const administrative: readonly Permission[] = ['members:manage', 'roles:manage', 'apiKeys:manage', 'org:manage'];

/** Whoever decides what others may do: owners, admins, and whoever has a role of the org's own that holds some of it. */
export const administers = (held: ReadonlySet<Permission>): boolean => administrative.some((each) => held.has(each));
