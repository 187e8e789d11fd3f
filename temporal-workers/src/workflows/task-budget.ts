import type { TurnCost } from '@everwave/schema/interpreter';
import type { Happening } from './arrival.ts';

/**
 * How much one workflow task has done. The kernel bounds what one event costs; several can come with one task, and
 * together they must end within the SDK's time limit and fit into one message. Used alike to fold a history.
 */
export interface TaskBudget {
  spend(cost: TurnCost): void;
  /** True when the rest must wait for another task. */
  isSpent(): boolean;
}

/** A quarter of what a single event may cost: the last one of a task may come on top with all of it. */
const taskLimits: TurnCost = { steps: 50_000, bytes: 262_144 };

/** `task`: a number that is another one in another workflow task. */
export const createTaskBudget = (task: () => number): TaskBudget => {
  let current = Number.NaN;
  let steps = 0;
  let bytes = 0;
  const renew = (): void => {
    if (task() === current) return;
    current = task();
    steps = 0;
    bytes = 0;
  };
  return {
    spend: (cost) => {
      renew();
      steps += cost.steps;
      bytes += cost.bytes;
    },
    isSpent: () => {
      renew();
      return steps > taskLimits.steps || bytes > taskLimits.bytes;
    },
  };
};

/** Bytes of the marker that history keeps of an express step, without its result. */
const markerBytes = 512;

/** What the end of an express step adds to the message that ends its workflow task. */
export const costOf = (happening: Happening): TurnCost => ({
  steps: 0,
  bytes: markerBytes + (happening.type === 'stepSucceeded' ? JSON.stringify(happening.output).length : 0),
});
