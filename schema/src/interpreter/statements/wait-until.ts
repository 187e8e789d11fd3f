import { toMilliseconds } from '../../flow/duration.ts';
import type { Json, WaitUntilStep } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep, succeedStep } from '../outcome.ts';
import type { Statement } from './statement.ts';
import { longestDelay, waitFor } from './delay.ts';

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Waits until a moment. One that has passed is not waited for. */
export const waitUntil: Statement<WaitUntilStep> = {
  async begin(turn, place, step) {
    const evaluated = await evaluatorFor(turn, place).evaluate(step.until, 'until');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    const until = toMoment(evaluated.value);
    if (until === null) return failStep(turn, place, notAMoment(evaluated.value));
    if (until <= turn.at) return succeedStep(turn, place, { until: new Date(until).toISOString() });
    if (until - turn.at > toMilliseconds(longestDelay)) {
      const message = `until: ${new Date(until).toISOString()} is further away than ${longestDelay}, the longest wait.`;
      return failStep(turn, place, { name: 'expression_failed', message });
    }
    waitFor(turn, place, step, until);
  },
  portFor: () => 'out',
  expected: 'any value',
};

/** Unix ms. */
const toMoment = (value: Json): number | null => {
  if (typeof value !== 'string' || !moment.test(value)) return null;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? null : milliseconds;
};

const notAMoment = (value: Json): Failure => ({
  name: 'expression_failed',
  message: `until: ${JSON.stringify(value)} is no moment. Write a date, a time and its offset: 2026-12-24T18:00:00+01:00.`,
});
