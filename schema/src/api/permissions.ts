/** Everything a caller can be allowed to do. Each route of the API names exactly one, or says that it is public. */
export const permissions = [
  'flows:read',
  'flows:write',
  'flows:publish',
  'runs:read',
  'runs:start',
  'runs:repair',
  'deadLetters:read',
  'deadLetters:repair',
  'deadLetters:dismiss',
  'alerts:manage',
  'approvals:read',
  'approvals:answer',
  'events:send',
  'runs:fork',
  'runs:migrate',
  'connections:read',
  'connections:write',
  'variables:read',
  'variables:write',
  'deliveries:read',
  'deliveries:replay',
  'payloads:decode',
  'values:unmask',
  'maskedFields:manage',
  'limits:manage',
  'apiKeys:manage',
  'members:read',
  'members:manage',
  'roles:manage',
  'audit:read',
  'org:manage',
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ['owner', 'admin', 'developer', 'operator', 'viewer'] as const;
export type Role = (typeof roles)[number];

const viewer: readonly Permission[] = [
  'flows:read',
  'runs:read',
  'deadLetters:read',
  'approvals:read',
  // Who may answer which one, each approval says itself.
  'approvals:answer',
  'connections:read',
  'variables:read',
  'deliveries:read',
  'members:read',
];
const operator: readonly Permission[] = [
  ...viewer,
  'runs:start',
  'runs:repair',
  'deadLetters:repair',
  'deadLetters:dismiss',
  'events:send',
  'runs:fork',
  'runs:migrate',
  'deliveries:replay',
  'payloads:decode',
];
const developer: readonly Permission[] = [
  ...operator,
  'flows:write',
  'flows:publish',
  'connections:write',
  'variables:write',
  'alerts:manage',
];
const admin: readonly Permission[] = [
  ...developer,
  'values:unmask',
  'maskedFields:manage',
  'limits:manage',
  'apiKeys:manage',
  'members:manage',
  'roles:manage',
  'audit:read',
];

/** What each role may do; the same data for the API's checks and for what a page offers. */
export const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  owner: [...admin, 'org:manage'],
  admin,
  developer,
  operator,
  viewer,
};

export const roleMay = (role: Role, permission: Permission): boolean => rolePermissions[role].includes(permission);

/** True when everything `other` may do, `role` may do too: nobody hands out more than they hold. */
export const roleCovers = (role: Role, other: Role): boolean =>
  rolePermissions[other].every((permission) => roleMay(role, permission));
