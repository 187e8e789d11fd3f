import type { RunFlowInput } from '@everwave/schema/run';
import { toBatchPlace } from './batch-messages.ts';

/** What a run goes on with in a new history. Once it has begun, what its trigger delivered stands in its state. */
export const toNextPart = (
  input: RunFlowInput,
  reached: Required<Pick<RunFlowInput, 'snapshot' | 'carried'>>,
): RunFlowInput => {
  const { fork: _, batch, ...own } = input;
  return {
    ...own,
    ...(batch && { batch: { ...toBatchPlace(batch), toldTo: batch.toldTo } }),
    trigger: { ...own.trigger, data: null },
    ...reached,
  };
};
