import { workflowIdOf } from '@everwave/schema/ids';
import { type RunFlowInput, runFlowType, summaryOf } from '@everwave/schema/run';
import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import { type RunAttributes, toStartAttributes } from './search-attributes.ts';
import { priorityOf, workflowTaskQueue } from './task-queues.ts';

export interface StartedRun {
  readonly workflowId: string;
  /** Temporal's id of the workflow run; null when the run had ended before this call. */
  readonly temporalRunId: string | null;
}

/** Plan and trigger together are more than Temporal takes. Trying again does not help. */
export class RunTooLarge extends Error {
  override readonly name = 'RunTooLarge';
}

/** True for an answer of Temporal that says so. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof ServiceError &&
  isGrpcServiceError(error.cause) &&
  /size exceeds limit|larger than max/i.test(error.cause.details);

/**
 * Starts a run's workflow. Safe to repeat until it succeeds: a run that is open, or was, is not started again.
 * Throws a `RunTooLarge`, or another error when Temporal cannot be reached: that one may pass.
 */
export const startRun = async (
  client: Client,
  input: RunFlowInput,
  attributes: Pick<RunAttributes, 'forkOfRunId'> = {},
): Promise<StartedRun> => {
  const { orgId, plan, trigger, run } = input;
  const workflowId = workflowIdOf(orgId, input.runId);
  try {
    const handle = await client.workflow.start(runFlowType, {
      workflowId,
      taskQueue: workflowTaskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      typedSearchAttributes: toStartAttributes({
        orgId,
        flowId: plan.flowId,
        flowVersion: plan.flowVersion,
        triggerKind: trigger.kind,
        ...attributes,
      }),
      staticSummary: summaryOf(`${plan.title} · v${plan.flowVersion}`),
      staticDetails: `[Open this run in Everwave](${run.url})\n\nStarted by \`${trigger.kind}\`.`,
      priority: priorityOf(orgId),
    });
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, temporalRunId: null };
    if (isTooLarge(error)) {
      throw new RunTooLarge(
        'What started the run, together with its flow, is larger than the 2 MiB that Temporal takes.',
        {
          cause: error,
        },
      );
    }
    throw error;
  }
};
