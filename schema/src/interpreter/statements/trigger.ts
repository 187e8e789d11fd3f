import type { TriggerStep } from '../../flow/plan.ts';
import type { Statement } from './statement.ts';

/** Settled by the `started` event; nothing leads to a trigger, so it never becomes ready. */
export const trigger: Statement<TriggerStep> = {
  begin(_turn, { stepId }) {
    throw new Error(`The trigger ${stepId} became ready, but nothing may lead to a trigger.`);
  },
  portFor: () => 'out',
  expected: 'any value',
};
