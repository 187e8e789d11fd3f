import type { ActionStep, DurableReason, Lane, PlanStep } from './plan.ts';

type Effect = Pick<ActionStep, 'effect' | 'idempotency'>;

/**
 * Null when a step may run in the express lane. There a worker that dies before its workflow task ends means that the
 * step is done again, so only what may be repeated goes there; and only what this worker itself can do.
 */
export const whyDurable = (
  { effect, idempotency }: Effect,
  taskQueue: ActionStep['options']['taskQueue'],
): DurableReason | null => {
  if (effect === 'spends') return 'spends';
  if (effect !== 'reads' && idempotency === 'nobody') return 'cannot_be_repeated';
  return taskQueue === 'flow' ? null : 'needs_own_queue';
};

/** The lane of one step in a flow of the lane `asked`. */
export const chooseLane = (
  asked: Lane,
  effect: Effect,
  taskQueue: ActionStep['options']['taskQueue'],
): Pick<ActionStep, 'lane' | 'durableBecause'> => {
  if (asked === 'durable') return { lane: 'durable' };
  const durableBecause = whyDurable(effect, taskQueue);
  return durableBecause ? { lane: 'durable', durableBecause } : { lane: 'express' };
};

/** What is over at once, and whose number of steps the drawing tells. */
const hostableTypes: readonly PlanStep['type'][] = [
  'trigger',
  'action',
  'condition',
  'switch',
  'parallel',
  'merge',
  'setVariables',
  'return',
  'respond',
];

/** True when every step runs in the express lane, none waits for time, none is done in a loop and nothing is to be undone: a short run. */
export const isHostable = (asked: Lane, steps: readonly (readonly [string, PlanStep])[]): boolean =>
  asked === 'express' &&
  steps.every(
    ([, step]) =>
      hostableTypes.includes(step.type) &&
      (step.type !== 'action' || (step.lane === 'express' && step.undoes === undefined)),
  );
