import { workflowIdOf } from '@everwave/schema/ids';
import { inBatchRefusal } from '@everwave/schema/run';
import { ApplicationFailure, type Client, WorkflowUpdateFailedError } from '@temporalio/client';

export interface Question {
  /** The update's name. */
  readonly name: string;
  readonly updateId: string;
  readonly argument: unknown;
  /** Milliseconds that it waits for a worker. */
  readonly timeout: number;
}

/** Loops in loops, each in batches: no drawing goes deeper. */
const mostHops = 10;

/**
 * Sends an update to a run. Items of long loops run in workflows of their own: where the run says that the step stands in
 * one of these, the update goes there.
 */
export const askRun = async <Reply>(
  client: Client,
  { orgId, runId }: { readonly orgId: string; readonly runId: string },
  { name, updateId, argument, timeout }: Question,
): Promise<Reply> => {
  const ask = (workflowId: string): Promise<Reply> =>
    client.withDeadline(Date.now() + timeout, () =>
      client.workflow.getHandle(workflowId).executeUpdate<Reply, [unknown]>(name, { args: [argument], updateId }),
    );
  let workflowId = workflowIdOf(orgId, runId);
  for (let hop = 0; hop < mostHops; hop += 1) {
    try {
      return await ask(workflowId);
    } catch (error) {
      const batch = batchNamedIn(error);
      if (!batch?.startsWith(`${workflowIdOf(orgId, runId)}/b/`)) throw error;
      workflowId = batch;
    }
  }
  return ask(workflowId);
};

const batchNamedIn = (error: unknown): string | null => {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== inBatchRefusal) return null;
  const [named] = (cause.details ?? []) as [(readonly { readonly workflowId?: string }[])?];
  return named?.[0]?.workflowId ?? null;
};
