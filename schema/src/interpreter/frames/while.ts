import type { EvaluatedCondition } from '../../flow/expression.ts';
import type { WhileStep } from '../../flow/plan.ts';
import { keepsTooMuch, tooMuchToUndo } from '../compensation.ts';
import { evaluatorIn, toExpressionFailure } from '../evaluation.ts';
import { succeedComposed } from '../evaluate-outside.ts';
import { failStep } from '../outcome.ts';
import { iterationScope, type Place } from '../place.ts';
import { dropScope, isStopping, openScope, scopeAt } from '../scopes.ts';
import type { LoopState } from '../state.ts';
import { changeStep, setStep, stepAt, type Turn } from '../turn.ts';
import { type Composed, within } from '../value.ts';
import type { Frame } from './frame.ts';
import { resultOf } from './scope-result.ts';
import { startLimit } from './time-limit.ts';

/**
 * Runs its frame again and again. The condition reads the steps of the iteration that has just ended, and as `loop.index`
 * how many there have been.
 */
export const whileLoop: Frame<WhileStep> = {
  async begin(turn, place, step) {
    const loop: LoopState = { next: 0, results: [], failed: [] };
    const first = {
      name: conditionName(place, 0),
      more: { loop: { index: 0 } },
      known: stepAt(turn, place).evaluations,
    };
    const evaluated =
      step.check === 'after' ? null : await evaluatorIn(turn, place.scope, first).holds(step.condition, 'condition');
    changeStep(turn, place, { status: 'running', loop }, ['failure']);
    startLimit(turn, place, step);
    if (evaluated) decide(turn, place, step, evaluated);
    else beginNext(turn, place);
  },
  async endScope(turn, owner, scopePath, step) {
    const { stopping } = scopeAt(turn, scopePath);
    if (stopping) {
      dropScope(turn, scopePath);
      const { stopped } = loopAt(turn, owner);
      if (stopped && !isStopping(turn, owner)) return failStep(turn, owner, stopped);
      return void changeStep(turn, owner, { status: 'cancelled' }, ['loop']);
    }
    const result = await resultOf(turn, scopePath, step.result);
    // The condition is evaluated while the iteration can still be read.
    const { next } = loopAt(turn, owner);
    const evaluator = evaluatorIn(turn, scopePath, {
      name: conditionName(owner, next),
      more: { loop: { index: next } },
    });
    if (!result.ok) {
      dropScope(turn, scopePath);
      return failStep(turn, owner, result.failure);
    }
    if (keepsTooMuch(turn)) {
      dropScope(turn, scopePath);
      return failStep(turn, owner, tooMuchToUndo);
    }
    keep(turn, owner, result.value);
    const evaluated = await evaluator.holds(step.condition, 'condition');
    dropScope(turn, scopePath);
    if (isStopping(turn, owner)) return void changeStep(turn, owner, { status: 'cancelled' }, ['loop']);
    decide(turn, owner, step, evaluated);
  },
  portFor: () => 'out',
  expected: 'any value',
};

const conditionName = (owner: Place, index: number): string => `${iterationScope(owner, index)}!condition`;

const loopAt = (turn: Turn, owner: Place): LoopState => {
  const { loop } = stepAt(turn, owner);
  if (!loop) throw new Error(`${owner.stepId} is no loop under way.`);
  return loop;
};

/** Of all iterations only the last one's result is kept. */
const keep = (turn: Turn, owner: Place, { value, placed }: Composed): void => {
  const { placed: _, ...loop } = loopAt(turn, owner);
  setStep(turn, owner, {
    ...stepAt(turn, owner),
    loop: { ...loop, results: [value], ...(placed.length > 0 && { placed }) },
  });
};

const decide = (turn: Turn, owner: Place, step: WhileStep, evaluated: EvaluatedCondition): void => {
  if (!evaluated.ok) return failStep(turn, owner, toExpressionFailure(evaluated.error));
  const { next, results, placed = [] } = loopAt(turn, owner);
  if (!evaluated.value) {
    const value = { iterations: next, result: results[0] ?? null };
    return succeedComposed(turn, owner, { value, placed: within(['result'], placed) });
  }
  if (next >= step.maximumIterations) {
    const message = `The condition still held after ${next} iterations, the most that this loop may have.`;
    return failStep(turn, owner, { name: 'too_many_iterations', message });
  }
  beginNext(turn, owner);
};

const beginNext = (turn: Turn, owner: Place): void => {
  const loop = loopAt(turn, owner);
  setStep(turn, owner, { ...stepAt(turn, owner), loop: { ...loop, next: loop.next + 1 } });
  openScope(turn, owner, iterationScope(owner, loop.next), { index: loop.next });
};
