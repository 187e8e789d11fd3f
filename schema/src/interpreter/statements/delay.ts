import { isDuration, toMilliseconds } from '../../flow/duration.ts';
import type { DelayStep, PlanStep } from '../../flow/plan.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import type { Place } from '../place.ts';
import { timerIdOf } from '../timer-id.ts';
import { changeStep, startTimer, stepAt, type Turn } from '../turn.ts';
import type { Statement } from './statement.ts';

/** As long as a run may last, and far below what a timer can hold. */
export const longestDelay = '365d';

/** Waits. The end is stored as an absolute time, so neither a restart nor a new history makes it later. */
export const delay: Statement<DelayStep> = {
  async begin(turn, place, step) {
    const evaluated = await evaluatorFor(turn, place).evaluate(step.duration, 'duration');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    if (!isDuration(evaluated.value)) {
      const message = `duration: ${JSON.stringify(evaluated.value)} is no duration. Write a number and a unit: 500ms, 15s, 10m, 2h, 30d.`;
      return failStep(turn, place, { name: 'expression_failed', message });
    }
    if (toMilliseconds(evaluated.value) > toMilliseconds(longestDelay)) {
      const message = `duration: ${evaluated.value} is longer than ${longestDelay}, the longest delay.`;
      return failStep(turn, place, { name: 'expression_failed', message });
    }
    waitFor(turn, place, step, turn.at + toMilliseconds(evaluated.value));
  },
  portFor: () => 'out',
  expected: 'any value',
};

/** Waits until a moment in Unix ms. */
export const waitFor = (turn: Turn, place: Place, { title }: Pick<PlanStep, 'title'>, dueAt: number): void => {
  const { ordinal } = changeStep(turn, place, { status: 'waiting', dueAt }, ['failure', 'attempts']);
  startTimer(turn, timerIdOf('delay', place, ordinal), dueAt, title);
};

/** The delay's timer fired. */
export const endDelay = (turn: Turn, place: Place): void => {
  const { dueAt } = stepAt(turn, place);
  succeedStep(turn, place, { until: new Date(dueAt ?? turn.at).toISOString() });
};
