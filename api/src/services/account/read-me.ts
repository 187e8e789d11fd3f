import type { Me } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import type { Caller } from '../../context.ts';

export const toMe = (caller: Caller): Me => {
  const {
    kind,
    id,
    name,
    email,
    apiKey,
    username = null,
    orgId,
    orgName,
    role,
    roleName,
    permissions,
    mustFirst = null,
    isInstanceAdmin = false,
  } = caller;
  return {
    user: kind === 'user' ? { id, name, email: email ?? '', username } : null,
    serviceAccount: kind === 'serviceAccount' ? { id, name } : null,
    apiKey,
    org: { id: orgIdSchema.parse(orgId), name: orgName },
    role,
    roleName,
    permissions: [...permissions],
    isInstanceAdministrator: isInstanceAdmin,
    mustFirst,
  };
};
