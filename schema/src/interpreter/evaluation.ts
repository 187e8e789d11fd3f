import {
  createEvaluator,
  type Evaluator,
  type ExpressionError,
  type ExpressionScope,
  type VisibleStep,
} from '../flow/expression.ts';
import { seedFor } from '../flow/expression/random.ts';
import type { Json } from '../flow/plan.ts';
import type { Failure } from '../run/status.ts';
import { approvalUrl, type OutsideEvent } from '../run/waits.ts';
import { pathOf, type Place } from './place.ts';
import { scopeChain } from './scopes.ts';
import type { ScopeState } from './state.ts';
import { stepAt, type Turn } from './turn.ts';

/** What a step's expressions see: settled steps of its scope, trigger, variables. All of one step's share a budget. */
export const evaluatorFor = (turn: Turn, place: Place): Evaluator =>
  evaluatorIn(turn, place.scope, nameOf(turn, place));

/** The same for what a step decides about an event that has arrived for it. */
export const evaluatorOf = (turn: Turn, place: Place, event: OutsideEvent): Evaluator =>
  evaluatorIn(turn, place.scope, `${nameOf(turn, place)}#${event.id}`, { event: { ...event } });

const nameOf = (turn: Turn, place: Place): string => `${pathOf(place)}~${stepAt(turn, place).ordinal}`;

/** The same for what is evaluated about a scope as a whole. `name` makes its randomness its own; `more` adds to the scope, or stands for what is around. */
export const evaluatorIn = (
  turn: Turn,
  scopePath: string,
  name: string,
  more: Pick<ExpressionScope, 'loop' | 'event'> = {},
): Evaluator => {
  const { state, at } = turn;
  const chain = scopeChain(turn, scopePath);
  const scope: ExpressionScope = {
    trigger: state.trigger,
    steps: stepsInSight(turn, scopePath, chain),
    vars: state.vars,
    env: state.env,
    run: { ...state.run, startedAt: new Date(state.startedAt).toISOString() },
    ...iterationOf(turn, chain),
    ...more,
  };
  const evaluator = createEvaluator({ scope, context: { now: at, seed: seedFor(state.seed, name) } });
  turn.evaluators.push(evaluator);
  return evaluator;
};

/** What has ended in the scope itself and in those around it, the pages of their approvals, and the iterations that the scope stands in. */
const stepsInSight = (
  { plan, state }: Turn,
  scopePath: string,
  chain: readonly ScopeState[],
): ExpressionScope['steps'] => {
  const seen: { [stepId: string]: VisibleStep } = { [state.triggerStepId]: { output: state.trigger } };
  let path = scopePath;
  for (const { steps, owner, index, item } of chain) {
    for (const [stepId, { output, failure }] of Object.entries(steps)) {
      const url =
        plan.steps[stepId]?.type === 'approval'
          ? { url: approvalUrl(state.run.url, pathOf({ scope: path, stepId })) }
          : null;
      if (output === undefined && failure === undefined && !url) continue;
      seen[stepId] = {
        ...(output !== undefined && { output }),
        ...(failure && { failure: toVisible(failure) }),
        ...url,
      };
    }
    if (owner && index !== undefined) seen[owner.stepId] = { index, ...(item !== undefined && { item }) };
    path = owner?.scope ?? path;
  }
  return seen;
};

const iterationOf = (turn: Turn, chain: readonly ScopeState[]): Pick<ExpressionScope, 'item' | 'loop'> => {
  const inner = chain.find(({ index }) => index !== undefined);
  if (inner?.index === undefined || !inner.owner) return {};
  const { loop } = stepAt(turn, inner.owner);
  const count = loop?.part?.count ?? loop?.items?.length;
  return {
    ...(inner.item !== undefined && { item: inner.item }),
    loop: { index: inner.index, ...(count !== undefined && { count }) },
  };
};

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
