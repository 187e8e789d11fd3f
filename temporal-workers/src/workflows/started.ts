import type { RunFlowInput } from '@everwave/schema/run';
import type { Happening } from './arrival.ts';

/** A run's first event. */
export const toStarted = ({ runId, trigger, run, env }: RunFlowInput): Happening => ({
  type: 'started',
  triggerStepId: trigger.stepId,
  trigger: trigger.data,
  run: { id: runId, url: run.url, flowName: run.flowName },
  ...(env && { env }),
  seed: seedOf(runId),
});

/**
 * The seed of everything random in a run: FNV-1a over its id. Taken from the id and not from Temporal, so that folding a
 * history gives the same run.
 */
const seedOf = (runId: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < runId.length; index += 1) {
    hash = Math.imul(hash ^ runId.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};
