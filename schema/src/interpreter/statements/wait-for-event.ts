import type { EvaluatedCondition } from '../../flow/expression.ts';
import type { Condition, Json, WaitForEventStep } from '../../flow/plan.ts';
import { longestCorrelationKey, type OutsideEvent, unspeakable } from '../../run/waits.ts';
import { checkArrival, type EventArrival, toEventKey } from '../check-arrival.ts';
import { evaluatorFor, evaluatorOf, toExpressionFailure } from '../evaluation.ts';
import { NeedsValue } from '../needs-value.ts';
import { failStep, succeedStep } from '../outcome.ts';
import { type Place, placeOf } from '../place.ts';
import { timerIdOf } from '../timer-id.ts';
import { cancelTimer, planStepAt, setStep, stepAt, type Turn } from '../turn.ts';
import type { Statement } from './statement.ts';
import { beginWait, type Evaluation, evaluateTimeout, wrong } from './timeout.ts';

/** Waits for one event of a name and a key. Who brings it, and what came before, is not the kernel's to know. */
export const waitForEvent: Statement<WaitForEventStep> = {
  async begin(turn, place, step) {
    const evaluator = evaluatorFor(turn, place);
    const evaluated = await evaluator.evaluate(step.correlationKey, 'correlationKey');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    const key = toCorrelationKey(evaluated.value);
    if (!key.ok) return failStep(turn, place, key.failure);
    const timeout = await evaluateTimeout(evaluator, step.timeout);
    if (!timeout.ok) return failStep(turn, place, timeout.failure);
    const seen = step.match === null ? null : await evaluator.excerptsFor(step.match, 'match');
    if (seen?.ok === false) return failStep(turn, place, toExpressionFailure(seen.error));
    beginWait(turn, place, step, { type: 'event', event: step.event, correlationKey: key.value }, timeout.value);
    if (seen?.excerpts) setStep(turn, place, { ...stepAt(turn, place), excerpts: seen.excerpts });
  },
  portFor: (_step, output) => (output === null ? 'timeout' : 'out'),
  expected: 'what the event would have brought; null takes the way out "timeout"',
};

const toCorrelationKey = (value: Json): Evaluation<string> => {
  if (typeof value !== 'string' && typeof value !== 'number') {
    return wrong(`correlationKey: ${JSON.stringify(value).slice(0, 80)} is neither a text nor a number.`);
  }
  const key = String(value);
  if (unspeakable.test(key)) return wrong('correlationKey: it holds characters that cannot be written.');
  if (key.trim() === '') return wrong('correlationKey: it is empty, and would fit every event without a key.');
  if (key.length <= longestCorrelationKey) return { ok: true, value: key };
  return wrong(`correlationKey: it has ${key.length} characters; at most ${longestCorrelationKey} are possible.`);
};

/** How many ids a run remembers. The database knows them all; this is for a delivery whose answer was lost. */
const remembered = 1_000;

/** An event has arrived for a step. One that nothing waits for any more, or that does not match, changes nothing. */
export const receiveEvent = async (turn: Turn, arrival: EventArrival): Promise<void> => {
  if (!checkArrival(turn.state, arrival).ok) return;
  const { event } = arrival;
  const place = placeOf(arrival.path);
  const { match } = planStepAt(turn, place) as WaitForEventStep;
  if (match !== null) {
    const matches = await evaluateMatch(turn, place, { match, event });
    if (!matches.ok) return failMatch(turn, place, toExpressionFailure(matches.error));
    if (!matches.value) return;
  }
  turn.state.receivedEvents = [...(turn.state.receivedEvents ?? []), toEventKey(event)].slice(-remembered);
  succeedStep(turn, place, { ...event });
};

/** An event is taken or passed over at once: what of large values it is compared with was fetched when the wait began. */
const evaluateMatch = async (
  turn: Turn,
  place: Place,
  { match, event }: { readonly match: Condition; readonly event: OutsideEvent },
): Promise<EvaluatedCondition> => {
  try {
    return await evaluatorOf(turn, place, event).holds(match, 'match');
  } catch (error) {
    if (!(error instanceof NeedsValue)) throw error;
    const message =
      'It reads a value that was set after this step had begun to wait, and that is kept outside of the run because it is large.';
    return { ok: false, error: { code: 'too_large', field: 'match', message } };
  }
};

/** The event is not taken: it is there again when a person retries the step. */
const failMatch = (turn: Turn, place: Place, failure: Parameters<typeof failStep>[2]): void => {
  cancelTimer(turn, timerIdOf('timeout', place, stepAt(turn, place).ordinal));
  failStep(turn, place, failure);
};
