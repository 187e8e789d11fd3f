import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import type { HistoryEvent } from './decode-history.ts';

/** One Temporal run of a workflow: a run of ours has several when it was continued as new. */
export interface HistoryPart {
  readonly temporalRunId: string;
  readonly events: readonly HistoryEvent[];
}

export interface HistoryChain {
  /** In order of time. */
  readonly parts: readonly HistoryPart[];
  /** False when Temporal has forgotten the first parts of a long run: the others begin with the state it had by then. */
  readonly isWhole: boolean;
  /** False once the run has ended in Temporal. */
  readonly isOpen: boolean;
  /** A worker was executing a workflow task before the history was read: what it reports does not stand there yet. */
  readonly isTaskUnderWay: boolean;
  readonly pendingActivities: readonly temporal.api.workflow.v1.IPendingActivityInfo[];
}

const started = proto.temporal.api.enums.v1.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED;

/** A run's history, as far back as Temporal has it. Null when Temporal does not know the workflow. */
export const fetchChain = async (client: Client, workflowId: string): Promise<HistoryChain | null> => {
  const description = await unlessUnknown(() => client.workflow.getHandle(workflowId).describe());
  if (!description) return null;
  const parts: HistoryPart[] = [];
  let temporalRunId: string | null | undefined = description.runId;
  while (temporalRunId) {
    const events = await fetchEvents(client, workflowId, temporalRunId);
    if (!events) break;
    parts.unshift({ temporalRunId, events });
    temporalRunId = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return {
    parts,
    isWhole: !temporalRunId,
    isOpen: description.status.name === 'RUNNING',
    isTaskUnderWay: description.raw.pendingWorkflowTask?.state === started,
    pendingActivities: description.raw.pendingActivities ?? [],
  };
};

const fetchEvents = (client: Client, workflowId: string, temporalRunId: string): Promise<HistoryEvent[] | null> =>
  unlessUnknown(async () => {
    const { events } = await client.workflow.getHandle(workflowId, temporalRunId).fetchHistory();
    return events ?? [];
  });

const unlessUnknown = async <T>(ask: () => Promise<T>): Promise<T | null> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
};
