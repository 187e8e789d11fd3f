import type { ActionStep } from '@everwave/schema/flow';
import { deferredFailure, unsealedMarker } from '@everwave/schema/run';
import { ActivityFailure, ApplicationFailure, CancelledFailure, RetryState, TimeoutFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../../schema/src/interpreter/testing/a-plan.ts';
import { toFailureEvent, toSuccess } from './outcome.ts';

type Traits = Pick<ActionStep, 'effect' | 'idempotency' | 'whenEdited'>;
const writes: Traits = { effect: 'writes', idempotency: 'nobody' };

const planWith = (traits: Partial<Traits> = {}) =>
  aPlan({ steps: { send: anAction(traits) }, edges: ['start -> send'] });
const step = (traits: Partial<Traits> = {}, generation = 1) => {
  const { send } = planWith(traits).steps;
  if (send?.type !== 'action') throw new Error('The plan has no action.');
  return { activity: 'test.act@1', path: 'send', ordinal: 2, generation, options: send.options };
};
const ended = (cause: Error, traits: Partial<Traits> = {}, retryState: RetryState = RetryState.NON_RETRYABLE_FAILURE) =>
  toFailureEvent(
    planWith(traits),
    step(traits),
    new ActivityFailure('failed', 'test.act@1', 'send', retryState, undefined, cause),
  );

describe('an activity that returns', () => {
  it('is a success with its output', () => {
    expect(toSuccess(planWith(), step(), { output: { id: 7 } })).toEqual({
      type: 'stepSucceeded',
      path: 'send',
      ordinal: 2,
      output: { id: 7 },
    });
  });

  it.each([{ [unsealedMarker]: true }, null, 'forged', {}])(
    'is no success when its result is not from a worker of ours: %j',
    (result) => {
      expect(toSuccess(planWith(), step(), result)).toMatchObject({
        type: 'stepFailed',
        failure: { name: 'unsealed_result', unsure: true },
      });
      const reading = { effect: 'reads' } as const;
      expect(toSuccess(planWith(reading), step(reading), result)).not.toMatchObject({ failure: { unsure: true } });
    },
  );
});

describe('an activity that does not return', () => {
  it('keeps the failure that it reported', () => {
    const failure = { name: 'channel_not_found', message: 'No such channel.', advice: 'Look.', attempt: 3 };
    const cause = ApplicationFailure.nonRetryable('No such channel.', 'channel_not_found', failure);
    expect(ended(cause)).toEqual({ type: 'stepFailed', path: 'send', ordinal: 2, failure, attempts: 3 });
  });

  it('gets a failure from whatever it threw', () => {
    expect(ended(ApplicationFailure.retryable('Boom', 'TypeError'))).toMatchObject({
      failure: { name: 'TypeError', message: 'Boom' },
    });
    expect(ended(new Error(''))).toMatchObject({ failure: { name: 'activity_failed', message: expect.any(String) } });
  });

  it('counts all attempts when they are used up', () => {
    const cause = ApplicationFailure.retryable('Boom', 'x');
    expect(ended(cause, {}, RetryState.MAXIMUM_ATTEMPTS_REACHED)).toMatchObject({ attempts: 3 });
  });

  it('is cancelled, or asked again later, without being a failure', () => {
    expect(ended(new CancelledFailure('gone'))).toEqual({ type: 'stepCancelled', path: 'send', ordinal: 2 });
    const later = ApplicationFailure.nonRetryable('wait', deferredFailure, { until: 5_000, reason: 'limit' });
    expect(ended(later)).toEqual({ type: 'stepDeferred', path: 'send', ordinal: 2, until: 5_000, reason: 'limit' });
  });

  it.each([
    ['START_TO_CLOSE', writes, true],
    ['HEARTBEAT', writes, true],
    ['SCHEDULE_TO_CLOSE', writes, true],
    ['SCHEDULE_TO_START', writes, undefined],
    ['START_TO_CLOSE', { effect: 'reads', idempotency: 'nature' }, undefined],
    ['START_TO_CLOSE', { effect: 'writes', idempotency: 'nature' }, undefined],
    ['START_TO_CLOSE', { effect: 'writes', idempotency: 'lookup' }, true],
    ['START_TO_CLOSE', { effect: 'spends', idempotency: 'provider-key' }, true],
    ['START_TO_CLOSE', { effect: 'reads', idempotency: 'nature', whenEdited: writes }, undefined],
  ] as const)('that timed out (%s, %j) is unsure: %s', (timeoutType, traits, unsure) => {
    const happening = ended(new TimeoutFailure('late', undefined, timeoutType), traits);
    expect(happening).toMatchObject({ failure: { name: 'timed_out' } });
    expect(happening.type === 'stepFailed' && happening.failure.unsure).toBe(unsure);
  });

  it('that timed out with an input that a person edited is as unsure as its node, not as its author’s input', () => {
    const reading = { effect: 'reads', idempotency: 'nature', whenEdited: writes } as const;
    const late = new TimeoutFailure('late', undefined, 'START_TO_CLOSE');
    expect(toFailureEvent(planWith(reading), step(reading, 2), late)).toMatchObject({ failure: { unsure: true } });
  });
});
