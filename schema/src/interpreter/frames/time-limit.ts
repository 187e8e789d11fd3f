import { toMilliseconds } from '../../flow/duration.ts';
import type { FrameStep } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import type { Place } from '../place.ts';
import { failScope, scopeAt, scopesOf, stopScope } from '../scopes.ts';
import { timerIdOf } from '../timer-id.ts';
import { stopBatches } from './stop-batches.ts';
import { planStepAt, setStep, startTimer, stepAt, type Turn } from '../turn.ts';

/** A frame with a time limit has begun. */
export const startLimit = (turn: Turn, place: Place, step: FrameStep): void => {
  const limit = limitOf(step);
  if (limit === undefined) return;
  const { ordinal } = stepAt(turn, place);
  startTimer(turn, timerIdOf('limit', place, ordinal), turn.at + toMilliseconds(limit), `Time limit: ${step.title}`);
};

const limitOf = (step: FrameStep) => (step.type === 'finally' ? undefined : step.timeLimit);

/** The limit is up: what runs in the frame is stopped, and when that has ended the frame fails. */
export const endLimit = (turn: Turn, place: Place): void => {
  const step = planStepAt(turn, place) as FrameStep;
  const { loop, ...rest } = stepAt(turn, place);
  const failure: Failure = {
    name: 'timed_out',
    message: `${step.title} had not ended after ${limitOf(step) ?? 'its time limit'}, its time limit.`,
  };
  if (!loop) return stopTry(turn, place, failure);
  if (loop.stopped) return;
  setStep(turn, place, { ...rest, loop: { ...loop, stopped: failure } });
  for (const path of scopesOf(turn, place)) stopScope(turn, path);
  stopBatches(turn, place);
};

/** A try that only tidies up, or undoes, has ended in all but name. */
const stopTry = (turn: Turn, place: Place, failure: Failure): void => {
  for (const path of scopesOf(turn, place)) {
    const { stopping, steps } = scopeAt(turn, path);
    const isTidyingUp = Object.entries(steps).some(
      ([stepId, { status }]) => status !== 'pending' && planStepAt(turn, { scope: path, stepId }).type === 'finally',
    );
    if (!stopping && !isTidyingUp) failScope(turn, path, failure);
  }
};
