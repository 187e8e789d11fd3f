import type { Plan, PlanStep } from '../../flow/plan.ts';

/** The same plan, but each frame but a `finally` has a time limit. */
export const withLimits = (plan: Plan): Plan => ({
  ...plan,
  steps: Object.fromEntries(
    Object.entries(plan.steps).map(([id, step]): [string, PlanStep] => [
      id,
      step.type === 'forEach' || step.type === 'while' || step.type === 'try' ? { ...step, timeLimit: '10m' } : step,
    ]),
  ),
});
