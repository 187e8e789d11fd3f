import type { Me } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import type { Caller } from '../../context.ts';

export const toMe = (caller: Caller): Me => {
  const {
    kind,
    id,
    name,
    email,
    username = null,
    orgId,
    orgName,
    role,
    roleName,
    permissions,
    mustFirst = null,
  } = caller;
  return {
    user: kind === 'user' ? { id, name, email: email ?? '', username } : null,
    apiKey: kind === 'apiKey' ? { id, name } : null,
    org: { id: orgIdSchema.parse(orgId), name: orgName },
    role,
    roleName,
    permissions: [...permissions],
    mustFirst,
  };
};
