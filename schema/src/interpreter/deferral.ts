import { toMilliseconds } from '../flow/duration.ts';
import type { KernelEvent } from './event.ts';
import { failStep } from './outcome.ts';
import type { Place } from './place.ts';
import { timerIdOf } from './timer-id.ts';
import { changeStep, planStepAt, setStep, startTimer, stepAt, type Turn } from './turn.ts';

type Deferral = Extract<KernelEvent, { type: 'stepDeferred' }>;

/** A service may ask for this long, over and over; then a person decides. */
const longestDeferral = toMilliseconds('7d');
/** The least wait, doubled each time: a service that always says "now" is not asked for ever without pause. */
const leastPause = { first: toMilliseconds('500ms'), longest: toMilliseconds('5m') } as const;

/** Asked to come back later: no attempt is spent, and the effect key stays. */
export const deferStep = (turn: Turn, place: Place, { until, reason }: Deferral): void => {
  const { since, times } = stepAt(turn, place).deferred ?? { since: turn.at, times: 0 };
  if (turn.at - since >= longestDeferral) {
    return failStep(turn, place, {
      name: 'deferred_too_long',
      message: `The step was asked to come back later ${times} times since ${new Date(since).toISOString()}: ${reason}`,
      advice: 'Ask the service for a higher limit, or retry the step when it allows more.',
    });
  }
  const pause = Math.min(leastPause.longest, leastPause.first * 2 ** Math.min(times, 20));
  const dueAt = Math.max(until, turn.at + pause);
  const { ordinal } = changeStep(turn, place, { status: 'waiting', dueAt, deferred: { since, times: times + 1 } });
  const title = `Until the service allows: ${planStepAt(turn, place).title}`;
  startTimer(turn, timerIdOf('defer', place, ordinal), dueAt, title);
};

/** The wait is over. The step takes its turn like any other that is ready: many may be due at once. */
export const scheduleAgain = (turn: Turn, place: Place): void => {
  setStep(turn, place, { ...stepAt(turn, place), status: 'pending' });
  turn.state.ready.push(place);
};
