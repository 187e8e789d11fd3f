import { createEvaluator, type Evaluator, type ExpressionError, type ExpressionScope } from '../flow/expression.ts';
import { seedFor } from '../flow/expression/random.ts';
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
  const seed = seedFor(state.seed, `${pathOf(place)}~${stepAt(turn, place).ordinal}`);
  const evaluator = createEvaluator({ scope, context: { now: at, seed }, cache });
  turn.evaluators.push(evaluator);
  return evaluator;
};

const stepsInSight = ({ state }: Turn, scope: string): ExpressionScope['steps'] => ({
  [state.triggerStepId]: { output: state.trigger },
  ...Object.fromEntries(
    Object.entries(state.scopes[scope]?.steps ?? {}).flatMap(([stepId, { output, failure }]) =>
      output === undefined && failure === undefined
        ? []
        : [[stepId, { ...(output !== undefined && { output }), ...(failure && { failure: toVisible(failure) }) }]],
    ),
  ),
});

/** What an error edge's target sees of a failure. */
const toVisible = ({ name, message, advice, attempt }: Failure): Json => ({
  name,
  message,
  ...(advice !== undefined && { advice }),
  ...(attempt !== undefined && { attempt }),
});

/** An expression's error as the failure of its step. */
export const toExpressionFailure = ({ field, position, message }: ExpressionError): Failure => ({
  name: 'expression_failed',
  message: [
    ...(field === '' ? [] : [field]),
    ...(position === undefined ? [] : [`at character ${position + 1}`]),
    message,
  ].join(': '),
  advice: 'Correct the expression and publish the flow. This run can go on if you complete or skip the step.',
});
