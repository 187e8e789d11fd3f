import { type Me, type OrgRole, type Role, rolePermissions } from '@everwave/schema/api';

/** Whether somebody holds all that a role holds: only then can they give, change or take it. */
export const covers = (
  { permissions }: Pick<Me, 'permissions'>,
  role: string,
  own: readonly OrgRole[] = [],
): boolean => {
  const held = own.find(({ id }) => id === role)?.permissions ?? rolePermissions[role as Role];
  return held?.every((permission) => permissions.includes(permission)) ?? false;
};
