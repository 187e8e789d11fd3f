import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { HistoryEvent } from './decode-history.ts';

/** One Temporal run of a workflow: a run of ours has several when it was continued as new. */
export interface HistoryPart {
  readonly temporalRunId: string;
  readonly events: readonly HistoryEvent[];
}

export interface HistoryChain {
  /** In order of time. */
  readonly parts: readonly HistoryPart[];
  readonly pendingActivities: readonly temporal.api.workflow.v1.IPendingActivityInfo[];
}

/** A run's whole history. Null when Temporal does not know the workflow. */
export const fetchChain = async (client: Client, workflowId: string): Promise<HistoryChain | null> => {
  try {
    const description = await client.workflow.getHandle(workflowId).describe();
    const parts: HistoryPart[] = [];
    let temporalRunId: string | null | undefined = description.runId;
    while (temporalRunId) {
      const { events } = await client.workflow.getHandle(workflowId, temporalRunId).fetchHistory();
      parts.unshift({ temporalRunId, events: events ?? [] });
      temporalRunId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    }
    return { parts, pendingActivities: description.raw.pendingActivities ?? [] };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
};
