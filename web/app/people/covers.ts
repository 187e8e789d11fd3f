import { type Me, type Role, rolePermissions } from '@everwave/schema/api';

/** Whether somebody holds all that a role holds: only then can they give, change or take it. */
export const covers = ({ permissions }: Pick<Me, 'permissions'>, role: Role): boolean =>
  rolePermissions[role].every((permission) => permissions.includes(permission));
