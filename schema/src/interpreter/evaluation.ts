import { createEvaluator, type Evaluator, type ExpressionError, type ExpressionScope } from '../flow/expression.ts';
import type { Json } from '../flow/plan.ts';
import type { Failure } from '../run/status.ts';
import { pathOf, type Place } from './place.ts';
import { stepAt, type Turn } from './turn.ts';

/** What a step's expressions see: settled steps of its scope, trigger, variables. All of one step's share a budget. */
export const evaluatorFor = (turn: Turn, place: Place): Evaluator => {
  const { state, cache, at } = turn;
  const scope: ExpressionScope = {
    trigger: state.trigger,
    steps: stepsInSight(turn, place.scope),
    vars: state.vars,
    env: state.env,
    run: { ...state.run, startedAt: new Date(state.startedAt).toISOString() },
  };
  const seed = seedOf(state.seed, `${pathOf(place)}~${stepAt(turn, place).ordinal}`);
  return createEvaluator({ scope, context: { now: at, seed }, cache });
};

const stepsInSight = ({ state }: Turn, scope: string): ExpressionScope['steps'] => ({
  [state.triggerStepId]: { output: state.trigger },
  ...Object.fromEntries(
    Object.entries(state.scopes[scope]?.steps ?? {}).flatMap(([stepId, { output, failure }]) =>
      output === undefined && failure === undefined
        ? []
        : [
            [
              stepId,
              { ...(output !== undefined && { output }), ...(failure && { failure: failure as unknown as Json }) },
            ],
          ],
    ),
  ),
});

/** FNV-1a: each step draws other random numbers than its neighbour, and the same ones at every replay. */
const seedOf = (seed: number, name: string): number => {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
};

/** An expression's error as the failure of its step. */
export const toExpressionFailure = ({ field, message }: ExpressionError): Failure => ({
  name: 'expression_failed',
  message: field === '' ? message : `${field}: ${message}`,
  advice: 'Correct the expression and publish the flow. This run can go on if you complete or skip the step.',
});
