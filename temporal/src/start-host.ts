import { hostWorkflowIdOf } from '@everwave/schema/ids';
import { type RunHostInput, runHostType, summaryOf } from '@everwave/schema/run';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { isTooLarge, RunTooLarge, type StartedRun } from './start-run.ts';
import { toStartAttributes } from './search-attributes.ts';
import { priorityOf, workflowTaskQueue } from './task-queues.ts';

/**
 * Starts a host. Safe to repeat, with the same id, until it succeeds: one that is open, or was, is not started again.
 * Throws a `RunTooLarge`, or another error when Temporal cannot be reached: that one may pass.
 */
export const startHost = async (client: Client, input: RunHostInput): Promise<StartedRun> => {
  const { orgId, plan, runs } = input;
  const workflowId = hostWorkflowIdOf(orgId, input.hostId);
  try {
    const handle = await client.workflow.start(runHostType, {
      workflowId,
      taskQueue: workflowTaskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      typedSearchAttributes: toStartAttributes({
        orgId,
        flowId: plan.flowId,
        flowVersion: plan.flowVersion,
        triggerKind: runs[0]?.trigger.kind ?? '',
      }),
      staticSummary: summaryOf(`${plan.title} · v${plan.flowVersion} · ${runs.length} runs`),
      staticDetails: runs.map(({ runId, run }) => `- [${runId}](${run.url})`).join('\n'),
      priority: priorityOf(orgId),
    });
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, temporalRunId: null };
    if (isTooLarge(error)) {
      throw new RunTooLarge('The runs of a host are together larger than Temporal takes.', { cause: error });
    }
    throw error;
  }
};
