import type { RepairVerdict } from '@everwave/schema/interpreter';
import { batchWorkflowIdOf, type RunFlowInput } from '@everwave/schema/run';
import { ApplicationFailure } from '@temporalio/common';
import { refusal } from './messages.ts';

type Refused = Pick<Extract<RepairVerdict, { ok: false }>, 'code' | 'message' | 'batch'>;

/** Says where to ask instead, when the step stands in a batch: whoever sent the message asks there. */
export const toRepairRefusal = (
  { orgId, runId }: Pick<RunFlowInput, 'orgId' | 'runId'>,
  { code, message, batch }: Refused,
): ApplicationFailure =>
  batch
    ? ApplicationFailure.nonRetryable(message, code, [{ workflowId: batchWorkflowIdOf(orgId, runId, batch) }])
    : refusal(code, message);
