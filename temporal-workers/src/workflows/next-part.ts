import type { RunFlowInput } from '@everwave/schema/run';

/** What a run goes on with in a new history. Once it has begun, what its trigger delivered stands in its state. */
export const toNextPart = (
  input: RunFlowInput,
  reached: Required<Pick<RunFlowInput, 'snapshot' | 'carried'>>,
): RunFlowInput => {
  const { fork: _, ...own } = input;
  return { ...own, trigger: { ...own.trigger, data: null }, ...reached };
};
