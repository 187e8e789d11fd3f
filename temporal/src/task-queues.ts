import { taskQueues } from '@everwave/schema/run';
import type { Priority } from '@temporalio/common';

/** Workflows and ordinary activities share one queue and one worker, so that activities are dispatched eagerly. */
export const workflowTaskQueue = taskQueues.flow;

/** Set on the workflow and inherited by its activities: one org's flood does not starve another. */
export const priorityOf = (orgId: string): Priority => ({ fairnessKey: orgId });
