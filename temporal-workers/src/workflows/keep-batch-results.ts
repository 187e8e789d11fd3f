import { keepResults, type RunState, withKeptResults } from '@everwave/schema/interpreter';
import type { BatchEnded, RunFlowInput } from '@everwave/schema/run';
import { startActivity } from './activity-runner.ts';
import { toSuccess } from './outcome.ts';

/**
 * How a batch ended, as its run is told: with a reference in place of what its items gave, where that is much. The kernel
 * is done by then, so a fold of the history needs to know nothing of it.
 */
export const keepBatchResults = async (
  input: RunFlowInput,
  state: RunState,
  ended: BatchEnded,
): Promise<BatchEnded> => {
  const command = keepResults(input.plan, state, ended);
  if (!command) return ended;
  try {
    const happening = toSuccess(input.plan, command, await startActivity(input, command));
    const large = happening.type === 'stepSucceeded' ? happening.large : undefined;
    return large ? withKeptResults(input.plan, ended, large) : ended;
  } catch {
    // They could not be stored: then they travel with the run, as far as it can take them.
    return ended;
  }
};
