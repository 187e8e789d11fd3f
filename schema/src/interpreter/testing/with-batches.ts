import type { Plan, PlanStep } from '../../flow/plan.ts';

/** The same plan, but each loop over items runs them in batches of so many. */
export const withBatches = (plan: Plan, size: number, above = 0): Plan => ({
  ...plan,
  steps: Object.fromEntries(
    Object.entries(plan.steps).map(([id, step]): [string, PlanStep] => [
      id,
      step.type === 'forEach' ? { ...step, batches: { above, size } } : step,
    ]),
  ),
});
