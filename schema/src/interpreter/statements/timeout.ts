import { isDuration, toMilliseconds } from '../../flow/duration.ts';
import type { Evaluator } from '../../flow/expression.ts';
import type { Json, PlanStep, Template } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import type { WaitsFor } from '../../run/waits.ts';
import { toExpressionFailure } from '../evaluation.ts';
import { succeedStep } from '../outcome.ts';
import type { Place } from '../place.ts';
import { timerIdOf } from '../timer-id.ts';
import { changeStep, startTimer, stepAt, type Turn } from '../turn.ts';
import { longestDelay } from './delay.ts';
import { timedOut } from './approval-output.ts';

export type Evaluation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** Milliseconds that a step waits at most; null for as long as the run lasts. */
export const evaluateTimeout = async (
  evaluator: Evaluator,
  timeout: Template | null,
): Promise<Evaluation<number | null>> => {
  if (timeout === null) return { ok: true, value: null };
  const evaluated = await evaluator.evaluate(timeout, 'timeout');
  if (!evaluated.ok) return { ok: false, failure: toExpressionFailure(evaluated.error) };
  const { value } = evaluated;
  if (!isDuration(value)) {
    return wrong(`timeout: ${JSON.stringify(value)} is no duration. Write a number and a unit: 30m, 2h, 3d.`);
  }
  if (toMilliseconds(value) <= toMilliseconds(longestDelay)) return { ok: true, value: toMilliseconds(value) };
  return wrong(`timeout: ${value} is longer than ${longestDelay}, the longest wait.`);
};

export const wrong = (message: string): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { name: 'expression_failed', message },
});

/** From here on the step waits for something from outside, for so many milliseconds. */
export const beginWait = (
  turn: Turn,
  place: Place,
  { title }: Pick<PlanStep, 'title'>,
  waitsFor: WaitsFor,
  timeout: number | null,
): void => {
  const due = timeout === null ? {} : { dueAt: turn.at + timeout };
  const { ordinal, dueAt } = changeStep(turn, place, { status: 'waiting', waitsFor, ...due }, ['failure', 'attempts']);
  if (dueAt !== undefined) startTimer(turn, timerIdOf('timeout', place, ordinal), dueAt, `At the latest: ${title}`);
};

/** Nothing has come in time. */
export const endWait = (turn: Turn, place: Place): void => {
  const { waitsFor } = stepAt(turn, place);
  if (!waitsFor) return;
  const output: Json = waitsFor.type === 'approval' ? timedOut(waitsFor.answers) : null;
  succeedStep(turn, place, output, 'timeout');
};
