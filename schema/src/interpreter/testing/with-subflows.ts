import type { Plan, PlanStep, SubflowStep } from '../../flow/plan.ts';
import { aPlan } from './a-plan.ts';

/** The same plan, but every second action that undoes nothing is a sub-flow: in turn of these modes. */
export const withSubflows = (plan: Plan, modes: readonly SubflowStep['mode'][] = ['wait', 'wait', 'detach']): Plan => {
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
      mode: modes[(count / 2 - 1) % modes.length] ?? 'wait',
    };
  };
  const steps = Object.entries(plan.steps).map(([id, step]): [string, PlanStep] => [id, toSubflow(step)]);
  return { ...plan, steps: Object.fromEntries(steps) };
};
