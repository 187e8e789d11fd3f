import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { ApprovalRow } from './to-approval.ts';

const { approvals, flows } = tables;

export interface FoundApproval {
  readonly approval: ApprovalRow;
  readonly flowName: string;
}

/** The approval of the caller's org. */
export const getApproval = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  approvalId: string,
): Promise<FoundApproval> => {
  const [row] = await tx
    .select({ approval: approvals, flowName: flows.name })
    .from(approvals)
    .innerJoin(flows, eq(flows.id, approvals.flowId))
    .where(and(eq(approvals.id, approvalId), eq(approvals.orgId, caller.orgId)));
  if (!row) throw problem('approval_not_found', `Your org has no approval ${approvalId}.`);
  return row;
};
