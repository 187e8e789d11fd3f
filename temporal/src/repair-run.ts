import { workflowIdOf } from '@everwave/schema/ids';
import {
  ejectUpdate,
  type EjectReply,
  type EjectRequest,
  type RepairReply,
  type RepairRequest,
  type repairUpdates,
} from '@everwave/schema/run';
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { askRun } from './ask-run.ts';
import { type Refusal, toRefusal } from './refusal.ts';

export type RepairAction = (typeof repairUpdates)[number];

export interface RunAddress {
  readonly orgId: string;
  readonly runId: string;
  /** The workflow that has the run together with others, if one has. */
  readonly hostWorkflowId?: string | null;
}

export type RepairResult = { readonly ok: true; readonly reply: RepairReply } | Refusal;

/** Milliseconds a repair waits for a worker. */
const repairTimeout = 20_000;

/**
 * Sends one of the five repairs and waits for the run's answer. Idempotent by `requestId`. Throws only when Temporal
 * itself cannot be reached.
 */
export const repairRun = async (
  client: Client,
  { orgId, runId, hostWorkflowId }: RunAddress,
  action: RepairAction,
  request: RepairRequest,
): Promise<RepairResult> => {
  try {
    await eject(client, { runId, hostWorkflowId: hostWorkflowId ?? null });
    const reply = await askRun<RepairReply>(
      client,
      { orgId, runId },
      { name: action, updateId: request.requestId, argument: request, timeout: repairTimeout },
    );
    // By itself a workflow cannot close as cancelled: Temporal must have been asked.
    if (action === 'cancelRun') await cancelRun(client, { orgId, runId });
    return { ok: true, reply };
  } catch (error) {
    return toRefusal(error, {
      ended: 'This run has ended, so there is nothing to repair in it.',
      noWorker: 'No worker answered. The repair may still be carried out when one is back.',
    });
  }
};

/** Has a host let the run go on by itself, where it can be repaired. A host that has ended, or does not have it, is no obstacle. */
const eject = async (
  client: Client,
  { runId, hostWorkflowId }: { readonly runId: string; readonly hostWorkflowId: string | null },
): Promise<void> => {
  if (hostWorkflowId === null) return;
  const host = client.workflow.getHandle(hostWorkflowId);
  try {
    await client.withDeadline(Date.now() + repairTimeout, () =>
      host.executeUpdate<EjectReply, [EjectRequest]>(ejectUpdate, { args: [{ runId }] }),
    );
  } catch (error) {
    const isOver = error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError;
    if (!isOver) throw error;
  }
};

export type CancelResult = 'requested' | 'not_open';

/** Asks Temporal to cancel the run: works without a worker, and reaches the running activities. */
export const cancelRun = async (
  client: Client,
  { orgId, runId, hostWorkflowId }: RunAddress,
): Promise<CancelResult> => {
  try {
    await eject(client, { runId, hostWorkflowId: hostWorkflowId ?? null });
    await client.workflow.getHandle(workflowIdOf(orgId, runId)).cancel();
    return 'requested';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'not_open';
    throw error;
  }
};
