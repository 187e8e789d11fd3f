import type { Approval } from '@everwave/schema/api';
import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { getApproval } from './find-approval.ts';
import { maskOf } from '../masking/mask-for.ts';
import { toApproval } from './to-approval.ts';

export const readApproval = async (context: ServiceContext, approvalId: string): Promise<Approval> => {
  const { approval, flowName, mask } = await withOrg(context.db, context.caller.orgId, async (tx) => ({
    ...(await getApproval(tx, context, approvalId)),
    mask: await maskOf(tx, context.caller.orgId),
  }));
  return toApproval(context, approval, flowName, mask);
};
