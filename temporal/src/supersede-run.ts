import { workflowIdOf } from '@everwave/schema/ids';
import { type SupersedeRequest, supersedeUpdate } from '@everwave/schema/run';
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { toRefusal } from './refusal.ts';

export type SupersedeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** Asks a run to end in favour of its fork. Idempotent by the fork's id. Throws when Temporal cannot be reached. */
export const supersedeRun = async (
  client: Client,
  { orgId, runId }: { readonly orgId: string; readonly runId: string },
  request: SupersedeRequest,
): Promise<SupersedeResult> => {
  try {
    await client.workflow
      .getHandle(workflowIdOf(orgId, runId))
      .executeUpdate<unknown, [SupersedeRequest]>(supersedeUpdate, { args: [request], updateId: request.byRunId });
    return { ok: true };
  } catch (error) {
    const isAnswer = error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError;
    // Without an answer nobody knows whether the run has ended: it is asked again.
    if (!isAnswer) throw error;
    return toRefusal(error, { ended: 'This run has ended already.', noWorker: 'No worker answered.' });
  }
};
