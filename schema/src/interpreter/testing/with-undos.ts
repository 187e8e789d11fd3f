import type { Plan, PlanRegion, PlanStep } from '../../flow/plan.ts';
import { anAction } from './a-plan.ts';

/** The same plan, but each action that stands in no `finally` has an undo step that reads what it gave. */
export const withUndos = (plan: Plan): Plan => {
  const steps: { [id: string]: PlanStep } = { ...plan.steps };
  const regions: { [id: string]: PlanRegion } = { ...plan.regions };
  for (const step of Object.values(plan.steps)) {
    if (step.type !== 'action' || isInFinally(plan, step.region)) continue;
    const id = `un${step.id}`;
    steps[step.id] = { ...step, undo: id };
    steps[id] = {
      ...anAction({ undoes: step.id, input: `{{ steps.${step.id}.output }}` }),
      id,
      title: id,
      region: step.region,
      order: Object.keys(steps).length,
      incoming: [],
      outgoing: [],
    } as PlanStep;
    const region = regions[step.region];
    if (region) regions[step.region] = { ...region, steps: [...region.steps, id] };
  }
  return { ...plan, steps, regions };
};

const isInFinally = ({ regions }: Plan, id: string): boolean => {
  for (let region = regions[id]; region; region = region.parent === null ? undefined : regions[region.parent]) {
    if (region.kind === 'finally') return true;
  }
  return false;
};
