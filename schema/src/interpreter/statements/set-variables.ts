import type { Json, SetVariablesStep } from '../../flow/plan.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { succeedComposed } from '../evaluate-outside.ts';
import { failStep } from '../outcome.ts';
import { composeObject, toComposed, type Value } from '../value.ts';
import { setVariables as keepVariables } from '../variables.ts';
import type { Statement } from './statement.ts';

/** Sets variables that every later step reads as `vars`. All values see the variables as they were before. */
export const setVariables: Statement<SetVariablesStep> = {
  async begin(turn, place, step) {
    const evaluator = evaluatorFor(turn, place);
    const variables: (readonly [string, Value])[] = [];
    for (const [name, template] of Object.entries(step.variables)) {
      const evaluated = await evaluator.evaluateValue(template, `variables.${name}`);
      if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
      variables.push([name, evaluated.value]);
    }
    keepVariables(turn, variables);
    succeedComposed(turn, place, composeObject(variables.map(([name, value]) => [name, toComposed(value)])));
  },
  portFor: ({ variables }, output) => {
    if (typeof output !== 'object' || output === null || Array.isArray(output)) return null;
    return hasSameKeys(variables, output as { readonly [name: string]: Json }) ? 'out' : null;
  },
  expected: 'an object with a value for each of its variables, and no others',
};

const hasSameKeys = (left: object, right: object): boolean => {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name));
};
