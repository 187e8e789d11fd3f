import type { Me } from '@everwave/schema/api';
import { orgIdSchema } from '@everwave/schema/ids';
import type { Caller } from '../../context.ts';

export const toMe = ({ kind, id, name, email, orgId, orgName, role, roleName, permissions }: Caller): Me => ({
  user: kind === 'user' ? { id, name, email: email ?? '' } : null,
  apiKey: kind === 'apiKey' ? { id, name } : null,
  org: { id: orgIdSchema.parse(orgId), name: orgName },
  role,
  roleName,
  permissions: [...permissions],
});
