import type { Command } from '@everwave/schema/interpreter';
import type { RunFlowInput } from '@everwave/schema/run';
import { getExternalWorkflowHandle, log } from '@temporalio/workflow';
import { childEnded } from './child-runner.ts';

/** Before a sub-flow's run ends, it tells the run that waits for it how. A parent that has ended needs not hear it. */
export const tellParent = async (
  { orgId, runId, parent }: RunFlowInput,
  { status, output, outputReference, failure }: Extract<Command, { type: 'closeRun' }>,
): Promise<void> => {
  // Who waits for a run keeps it from being superseded.
  if (!parent?.waits || status === 'superseded') return;
  const { path, ordinal } = parent;
  const end =
    status === 'failed'
      ? { status, failure: failure ?? { name: 'failed', message: 'The run failed.' } }
      : status === 'succeeded'
        ? { status, ...(output !== undefined && { output }), ...(outputReference && { outputReference }) }
        : { status };
  try {
    await getExternalWorkflowHandle(parent.workflowId ?? `t/${orgId}/r/${parent.runId}`).signal(childEnded, {
      path,
      ordinal,
      end,
    });
  } catch (error) {
    log.info('parent has ended before its sub-flow', { orgId, runId, parentRunId: parent.runId, error });
  }
};
