import type { ForEachStep, PlanStep } from './plan.ts';

/** Beyond how many items a loop runs them in workflows of their own, and how many each of these has. */
const loopBatches = { above: 200, size: 200 } as const;

/** What all items of a loop share: steps that change it keep the loop in the run's own workflow. */
const sharing: readonly PlanStep['type'][] = ['setVariables', 'waitForEvent', 'respond'];

/** The same steps, but loops whose items have nothing to do with each other may run them in batches. */
export const withBatches = (steps: readonly (readonly [string, PlanStep])[]): [string, PlanStep][] => {
  const frameOf = new Map(steps.map(([id, { region }]) => [id, region]));
  const isInside = (id: string, frame: string): boolean => {
    for (let at = frameOf.get(id); at !== undefined; at = frameOf.get(at)) if (at === frame) return true;
    return false;
  };
  const isShared = ({ id: frame }: ForEachStep): boolean =>
    steps.some(([id, { type }]) => sharing.includes(type) && isInside(id, frame));
  return steps.map(([id, step]): [string, PlanStep] => [
    id,
    step.type === 'forEach' && !isShared(step) ? { ...step, batches: loopBatches } : step,
  ]);
};
