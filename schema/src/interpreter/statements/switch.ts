import { isEqual } from '../../flow/expression.ts';
import type { SwitchStep } from '../../flow/plan.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import type { Statement } from './statement.ts';

/** Takes the first case equal to the value, otherwise `default`. Its output is the port it took. */
export const switchStatement: Statement<SwitchStep> = {
  async begin(turn, place, step) {
    const evaluator = evaluatorFor(turn, place);
    const value = await evaluator.evaluateOperand(step.value, 'value');
    if (!value.ok) return failStep(turn, place, toExpressionFailure(value.error));
    for (const [index, { port, equals }] of step.cases.entries()) {
      const candidate = await evaluator.evaluateOperand(equals, `cases[${index}].equals`);
      if (!candidate.ok) return failStep(turn, place, toExpressionFailure(candidate.error));
      if (isEqual(value.value, candidate.value)) return succeedStep(turn, place, port, port);
    }
    succeedStep(turn, place, 'default', 'default');
  },
  portFor: (step, output) =>
    output === 'default' || step.cases.some(({ port }) => port === output) ? (output as string) : null,
  expected: 'the name of one of its ways out',
};
