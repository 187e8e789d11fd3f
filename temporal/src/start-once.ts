import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowStartOptions,
} from '@temporalio/client';
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

type Described = Pick<WorkflowStartOptions, 'workflowId' | 'typedSearchAttributes' | 'staticSummary' | 'staticDetails'>;

export interface OneStart extends Described {
  readonly orgId: string;
  readonly type: string;
  /** The workflow's single argument. */
  readonly input: unknown;
  /** Said where Temporal finds it too large. */
  readonly tooLarge: string;
}

/**
 * Starts a workflow once for its id: safe to repeat until it succeeds, as one that is open, or was, is not started again.
 * Throws a `RunTooLarge`, or another error when Temporal cannot be reached: that one may pass.
 */
export const startOnce = async (
  client: Client,
  { orgId, type, input, tooLarge, ...described }: OneStart,
): Promise<StartedRun> => {
  const { workflowId } = described;
  try {
    const handle = await client.workflow.start(type, {
      ...described,
      taskQueue: workflowTaskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      priority: priorityOf(orgId),
    });
    return { workflowId, temporalRunId: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { workflowId, temporalRunId: null };
    if (isTooLarge(error)) throw new RunTooLarge(tooLarge, { cause: error });
    throw error;
  }
};

/** True for an answer of Temporal that says so. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof ServiceError &&
  isGrpcServiceError(error.cause) &&
  /size exceeds limit|larger than max/i.test(error.cause.details);
