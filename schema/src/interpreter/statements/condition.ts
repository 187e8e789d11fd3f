import type { ConditionStep } from '../../flow/plan.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import type { Statement } from './statement.ts';

export const condition: Statement<ConditionStep> = {
  async begin(turn, place, step) {
    const evaluated = await evaluatorFor(turn, place).holds(step.condition, 'condition');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    succeedStep(turn, place, evaluated.value, String(evaluated.value));
  },
  portFor: (_step, output) => (typeof output === 'boolean' ? String(output) : null),
  expected: 'true or false',
};
