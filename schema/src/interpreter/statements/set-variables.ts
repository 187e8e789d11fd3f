import type { Json, SetVariablesStep } from '../../flow/plan.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import type { Statement } from './statement.ts';

/** Sets variables that every later step reads as `vars`. All values see the variables as they were before. */
export const setVariables: Statement<SetVariablesStep> = {
  async begin(turn, place, step) {
    const evaluated = await evaluatorFor(turn, place).evaluate(step.variables, 'variables');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    const variables = evaluated.value as { readonly [name: string]: Json };
    turn.state.vars = { ...turn.state.vars, ...variables };
    succeedStep(turn, place, variables);
  },
  portFor: ({ variables }, output) => {
    if (typeof output !== 'object' || output === null || Array.isArray(output)) return null;
    return hasSameKeys(variables, output) ? 'out' : null;
  },
  expected: 'an object with a value for each of its variables, and no others',
};

const hasSameKeys = (left: object, right: object): boolean => {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name));
};
