import type { Command } from '@everwave/schema/interpreter';
import { batchWorkflowIdOf, type RunFlowInput, type RunFlowResult } from '@everwave/schema/run';
import { ApplicationFailure, CancelledFailure, workflowInfo } from '@temporalio/workflow';
import { refusal } from './messages.ts';
import { isUnsealed } from './outcome.ts';

/** Whoever reaches Temporal's port can start workflows; only our api has the org's key. */
export const refuseForeignInput = (input: RunFlowInput): void => {
  if (isUnsealed(input)) {
    throw refusal('unsealed', "This run's input is not encrypted with the org's key: only the api starts runs.");
  }
  const { orgId, runId, batch } = input;
  const ownId = batch ? batchWorkflowIdOf(orgId, runId, batch) : `t/${orgId}/r/${runId}`;
  if (workflowInfo().workflowId !== ownId) {
    throw refusal('foreign_input', "This run's input belongs to another run.");
  }
  if (input.engineVersion !== 1) {
    throw refusal(
      'unknown_engine',
      `This run needs engine version ${String(input.engineVersion)}, which this worker does not have. Deploy a worker that has it.`,
    );
  }
};

/** Ends the workflow as the run ended: with its output, or with an error that says how. */
export const finish = ({
  status,
  output,
  outputReference,
  failure,
}: Extract<Command, { type: 'closeRun' }>): RunFlowResult => {
  switch (status) {
    case 'superseded':
      return { status };
    case 'succeeded':
      return {
        status,
        ...(output === undefined ? {} : { output }),
        ...(outputReference === undefined ? {} : { outputReference }),
      };
    case 'cancelled':
      throw new CancelledFailure('The run was cancelled.');
    case 'failed':
      throw ApplicationFailure.create({
        message: failure?.message ?? 'The run failed.',
        type: failure?.name ?? 'failed',
        nonRetryable: true,
        details: failure ? [failure] : [],
      });
  }
};
