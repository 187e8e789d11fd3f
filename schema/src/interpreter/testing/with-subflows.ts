import type { Plan, PlanStep } from '../../flow/plan.ts';
import { aPlan } from './a-plan.ts';

/** The same plan, but every second action that undoes nothing is a sub-flow that is waited for, every sixth one that is not. */
export const withSubflows = (plan: Plan): Plan => {
  const child = aPlan({ steps: {}, edges: [] });
  let count = 0;
  const toSubflow = (step: PlanStep): PlanStep => {
    if (step.type !== 'action' || step.undoes !== undefined) return step;
    count += 1;
    if (count % 2 === 1) return step;
    const { id, title, region, order, incoming, outgoing, undo } = step;
    return {
      id,
      title,
      region,
      order,
      incoming,
      outgoing,
      ...(undo !== undefined && { undo }),
      type: 'subflow',
      plan: child,
      planHash: 'child',
      trigger: { stepId: 'start', kind: 'trigger.manual' },
      input: null,
      mode: count % 6 === 0 ? 'detach' : 'wait',
    };
  };
  const steps = Object.entries(plan.steps).map(([id, step]): [string, PlanStep] => [id, toSubflow(step)]);
  return { ...plan, steps: Object.fromEntries(steps) };
};
