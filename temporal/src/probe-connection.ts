import { randomUUID } from 'node:crypto';
import { type ProbeInput, type ProbeResult, probeType } from '@everwave/schema/run';
import { type Client, TimeoutFailure, WorkflowFailedError } from '@temporalio/client';
import { priorityOf, workflowTaskQueue } from './task-queues.ts';

/** The activity has 10 s; the rest is for a worker to be found. */
const probeTimeout = '15s';

/** Tries a connection from a worker, where the egress guard stands. Throws only when Temporal itself cannot be reached. */
export const probeConnection = async (client: Client, input: ProbeInput): Promise<ProbeResult> => {
  try {
    return await client.workflow.execute<(input: ProbeInput) => Promise<ProbeResult>>(probeType, {
      workflowId: `t/${input.orgId}/p/${randomUUID()}`,
      taskQueue: workflowTaskQueue,
      args: [input],
      workflowExecutionTimeout: probeTimeout,
      staticSummary: 'Connection test',
      priority: priorityOf(input.orgId),
    });
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return error.cause instanceof TimeoutFailure
      ? { ok: false, message: `No worker finished the test within ${probeTimeout}.`, advice: 'Is a worker running?' }
      : { ok: false, message: error.cause?.message ?? error.message };
  }
};
