import type { TurnCost } from '@everwave/schema/interpreter';

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

export const openTaskBudget = (): TaskBudget => {
  let steps = 0;
  let bytes = 0;
  return {
    spend: (cost) => {
      steps += cost.steps;
      bytes += cost.bytes;
    },
    isSpent: () => steps > taskLimits.steps || bytes > taskLimits.bytes,
  };
};
