import type { Approval } from '@everwave/schema/api';
import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { getApproval } from './find-approval.ts';
import { toApproval } from './to-approval.ts';

export const readApproval = async (context: ServiceContext, approvalId: string): Promise<Approval> => {
  const { approval, flowName } = await withOrg(context.db, context.caller.orgId, (tx) =>
    getApproval(tx, context, approvalId),
  );
  return toApproval(context, approval, flowName);
};
