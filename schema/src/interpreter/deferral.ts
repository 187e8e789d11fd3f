import { toMilliseconds } from '../flow/duration.ts';
import type { KernelEvent } from './event.ts';
import { failStep } from './outcome.ts';
import type { Place } from './place.ts';
import { timerIdOf } from './timer-id.ts';
import { changeStep, planStepAt, setStep, startTimer, stepAt, type Turn } from './turn.ts';

type Deferral = Extract<KernelEvent, { type: 'stepDeferred' }>;
type LaneChange = Extract<KernelEvent, { type: 'stepLeftLane' }>;

/** A service may ask for this long, over and over; then a person decides. */
const longestDeferral = toMilliseconds('7d');
/** The least wait, doubled each time: a service that always says "now" is not asked for ever without pause. */
const leastPause = { first: toMilliseconds('500ms'), longest: toMilliseconds('5m') } as const;
/** A limit of ours says by itself when a place is free: whoever waits longer than that leaves it empty. */
const longestLeastPauseOfLimit = toMilliseconds('5s');

/** Asked to come back later: no attempt is spent, and the effect key stays. */
export const deferStep = (turn: Turn, place: Place, { until, reason, attempt, isLimit }: Deferral): void => {
  const { deferred, tries } = stepAt(turn, place);
  const { since, times } = deferred ?? { since: turn.at, times: 0 };
  if (turn.at - since >= longestDeferral) {
    return failStep(turn, place, {
      name: 'deferred_too_long',
      message: `The step was asked to come back later ${times} times since ${new Date(since).toISOString()}: ${reason}`,
      advice: isLimit
        ? 'Raise the limit of the connection, the step, the flow or the organisation, then retry the step.'
        : 'Ask the service for a higher limit, or retry the step when it allows more.',
    });
  }
  const longest = isLimit ? longestLeastPauseOfLimit : leastPause.longest;
  const pause = Math.min(longest, leastPause.first * 2 ** Math.min(times, 20));
  const dueAt = Math.max(until, turn.at + pause);
  const { ordinal } = changeStep(turn, place, {
    status: 'waiting',
    dueAt,
    deferred: { since, times: times + 1 },
    tries: { made: attempt ?? (tries?.made ?? 0) + 1, free: (tries?.free ?? 0) + 1 },
  });
  const what = isLimit ? 'a place is free' : 'the service allows';
  startTimer(turn, timerIdOf('defer', place, ordinal), dueAt, `Until ${what}: ${planStepAt(turn, place).title}`);
};

/** Goes on as a durable step, under the same effect key, when its next attempt is due. */
export const leaveLane = (turn: Turn, place: Place, { attempt, failed, until }: LaneChange): void => {
  const free = (stepAt(turn, place).tries?.free ?? 0) + (failed ? 0 : 1);
  const tries = { made: attempt, free };
  if (until <= turn.at) {
    setStep(turn, place, { ...stepAt(turn, place), tries });
    return scheduleAgain(turn, place);
  }
  const { ordinal } = changeStep(turn, place, { status: 'waiting', dueAt: until, tries });
  const title = `Until the next attempt: ${planStepAt(turn, place).title}`;
  startTimer(turn, timerIdOf('defer', place, ordinal), until, title);
};

/** The wait is over. The step takes its turn like any other that is ready: many may be due at once. */
export const scheduleAgain = (turn: Turn, place: Place): void => {
  setStep(turn, place, { ...stepAt(turn, place), status: 'pending' });
  turn.state.ready.push(place);
};
