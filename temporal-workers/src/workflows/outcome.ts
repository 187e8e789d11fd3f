import { type Command, effectOf, placeOf } from '@everwave/schema/interpreter';
import type { ActionStep, Plan } from '@everwave/schema/flow';
import {
  type ActivityResult,
  type DeferredDetails,
  deferredFailure,
  evaluateActivity,
  type Failure,
  unsealedMarker,
} from '@everwave/schema/run';
import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import type { Happening } from './arrival.ts';

export type ScheduleActivity = Extract<Command, { type: 'scheduleActivity' }>;
type Step = Pick<ScheduleActivity, 'activity' | 'path' | 'ordinal' | 'generation' | 'options' | 'attemptsBefore'>;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** True for a value that reached us without our encryption: the codec put a marker in its place. */
export const isUnsealed = (value: unknown): boolean => isRecord(value) && unsealedMarker in value;

/** The plan's step behind a path: `each[7].send` is the step `send`. Throws when the plan has no such action. */
export const actionAt = (plan: Plan, path: string): ActionStep => {
  const step = plan.steps[placeOf(path).stepId];
  if (step?.type !== 'action') throw new Error(`The plan has no action at ${path}.`);
  return step;
};

/** What an activity does to the world: its step's way, but for those that only evaluate. */
export const effectOfActivity = (
  plan: Plan,
  { activity, path, generation }: Pick<ScheduleActivity, 'activity' | 'path' | 'generation'>,
): ReturnType<typeof effectOf> =>
  activity === evaluateActivity
    ? { effect: 'reads', idempotency: 'nature' }
    : effectOf(actionAt(plan, path), generation);

/** What the kernel is told when a step's activity has returned. */
export const toSuccess = (plan: Plan, step: Step, result: unknown): Happening => {
  const { path, ordinal } = step;
  if (isRecord(result) && !isUnsealed(result) && 'output' in result) {
    const { output, large } = result as unknown as ActivityResult;
    return { type: 'stepSucceeded', path, ordinal, output, ...(large && { large }) };
  }
  const failure = {
    name: 'unsealed_result',
    message:
      'The result of this step did not come from a worker of ours: it is not encrypted with the key of this org.',
    advice: 'Find out who reports results to Temporal, and look at the outside world before you repeat the step.',
    ...(effectOfActivity(plan, step).effect === 'reads' ? {} : { unsure: true }),
  };
  return { type: 'stepFailed', path, ordinal, failure, attempts: 1 };
};

/** What the kernel is told when a step's activity has not returned: cancelled, to be asked again later, or failed. */
export const toFailureEvent = (plan: Plan, step: Step, error: unknown): Happening => {
  const { path, ordinal } = step;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure) return { type: 'stepCancelled', path, ordinal };
  const deferred = readDeferred(cause);
  if (deferred) return { type: 'stepDeferred', path, ordinal, ...deferred };
  const failure = toFailure(plan, step, cause);
  return { type: 'stepFailed', path, ordinal, failure, attempts: attemptsOf(step, error, failure) };
};

const readDeferred = (cause: unknown): DeferredDetails | null => {
  if (!(cause instanceof ApplicationFailure) || cause.type !== deferredFailure) return null;
  const details = cause.details?.[0] as Partial<DeferredDetails> | undefined;
  if (typeof details?.until !== 'number') return null;
  const { until, reason = cause.message, attempt, isLimit } = details as Partial<DeferredDetails> & { until: number };
  return { until, reason, ...(attempt === undefined ? {} : { attempt }), ...(isLimit ? { isLimit } : {}) };
};

const toFailure = (plan: Plan, step: Step, cause: unknown): Failure => {
  if (cause instanceof ApplicationFailure) {
    const details: unknown = cause.details?.[0];
    if (isRecord(details) && typeof details['name'] === 'string' && typeof details['message'] === 'string') {
      return details as unknown as Failure;
    }
    return { name: cause.type ?? 'activity_failed', message: cause.message || 'The step failed without a message.' };
  }
  if (cause instanceof TimeoutFailure) {
    const { effect, idempotency } = effectOfActivity(plan, step);
    return {
      name: 'timed_out',
      message: timeoutMessages[cause.timeoutType ?? ''] ?? 'The step took too long.',
      // Nothing tells whether the attempt that was cut off had acted: neither an error edge nor a policy may pass over it.
      ...(effect !== 'reads' && idempotency !== 'nature' && cause.timeoutType !== 'SCHEDULE_TO_START'
        ? { unsure: true, advice: 'Look whether it happened. Then complete the step, or retry it.' }
        : {}),
    };
  }
  const message = cause instanceof Error ? cause.message : '';
  return { name: 'activity_failed', message: message || 'The step failed without a message.' };
};

const timeoutMessages: { readonly [type: string]: string } = {
  START_TO_CLOSE: 'An attempt took longer than its time limit.',
  SCHEDULE_TO_CLOSE: 'The step took longer than its time limit for all attempts.',
  SCHEDULE_TO_START: 'No worker took the step in time.',
  HEARTBEAT: 'The worker stopped reporting progress; it may have died.',
};

/** Temporal does not say how many attempts there were; the failure often does. */
const attemptsOf = ({ options, attemptsBefore = 0 }: Step, error: unknown, failure: Failure): number => {
  if (failure.attempt !== undefined) return failure.attempt;
  const usedUp = error instanceof ActivityFailure && error.retryState === 'MAXIMUM_ATTEMPTS_REACHED';
  return attemptsBefore + (usedUp ? options.retry.maximumAttempts : 1);
};
