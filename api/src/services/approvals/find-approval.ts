import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import { problem } from '../../problems.ts';
import type { ApprovalRow } from './to-approval.ts';

const { approvals, flows } = tables;

export interface FoundApproval {
  readonly approval: ApprovalRow;
  readonly flowName: string;
}

/** The approval of the caller's org. */
export const getApproval = async (tx: Transaction, reach: Reach, approvalId: string): Promise<FoundApproval> => {
  const where = and(eq(approvals.id, approvalId), eq(approvals.orgId, reach.caller.orgId));
  const [row] = await tx
    .select({ approval: approvals, flowName: flows.name })
    .from(approvals)
    .innerJoin(flows, eq(flows.id, approvals.flowId))
    .where(and(where, within(reach, 'flow', approvals.flowId)));
  if (row) return row;
  const notFound = problem('approval_not_found', `Your org has no approval ${approvalId}.`);
  throw await whyMissing(tx, reach, { from: approvals, where, notFound });
};
