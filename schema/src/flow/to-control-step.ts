import type { GraphNode } from './graph.ts';
import type { ActionStep, Condition, Json, PlanStep, SwitchStep, TriggerStep } from './plan.ts';

/** What every step has: who it is and where it stands. */
export type StepPlace = Pick<TriggerStep, 'id' | 'title' | 'region' | 'order' | 'incoming' | 'outgoing'>;

/** A trigger or control node of a drawing that has passed validation, as a step. */
export const toControlStep = (place: StepPlace, { kind, input }: GraphNode): Exclude<PlanStep, ActionStep> => {
  // Validation has checked each field against the node's schema; the types below say what that schema says.
  const field = <T extends Json | Condition | SwitchStep['cases']>(name: string): T => input[name] as unknown as T;
  switch (kind) {
    case 'trigger.webhook':
    case 'trigger.manual':
      return { ...place, type: 'trigger', kind };
    case 'control.condition':
      return { ...place, type: 'condition', condition: field<Condition>('condition') };
    case 'control.switch':
      return { ...place, type: 'switch', value: field<Json>('value'), cases: field<SwitchStep['cases']>('cases') };
    case 'control.parallel':
      return { ...place, type: 'parallel' };
    case 'control.merge':
      return { ...place, type: 'merge', policy: { join: 'all' } };
    case 'control.delay':
      return { ...place, type: 'delay', duration: field<Json>('duration') };
    case 'control.setVariables':
      return { ...place, type: 'setVariables', variables: field<{ [name: string]: Json }>('variables') };
    case 'control.return':
      return { ...place, type: 'return', output: field<Json>('output') };
    default:
      throw new Error(`There is a manifest but no step for ${kind}. Add it to to-control-step.ts.`);
  }
};
