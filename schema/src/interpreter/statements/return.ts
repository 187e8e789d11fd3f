import type { ReturnStep } from '../../flow/plan.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedWith } from '../outcome.ts';
import type { Statement } from './statement.ts';

/** Ends its branch and gives the run its output. Other branches go on. */
export const returnStatement: Statement<ReturnStep> = {
  async begin(turn, place, step) {
    const evaluated = await evaluatorFor(turn, place).evaluateValue(step.output, 'output');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    succeedWith(turn, place, evaluated.value);
  },
  portFor: () => 'out',
  expected: 'any value',
};
