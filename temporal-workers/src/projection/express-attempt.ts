import {
  type ActivityInput,
  type ActivityResult,
  attemptOf,
  deferredFailure,
  type ExpressEnd,
  expressLimits,
  leftLaneFailure,
  type LeftLaneDetails,
} from '@everwave/schema/run';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { delayBeforeNext } from './next-attempt.ts';
import { toFailure } from './to-failure.ts';

/** An attempt of ours ends at nine tenths of its time by itself; one that does not listen is left behind shortly after. */
const patience = 0.97;

/**
 * One attempt in the express lane. What does not fit into it, because it takes too long, returns too much, or fails and
 * has to wait before it is tried again, asks for the durable lane. Every ending says how much time has passed.
 */
export const runExpress = async (info: Info, request: ActivityInput, run: () => Promise<unknown>): Promise<unknown> => {
  const attempt = attemptOf(info, request);
  try {
    const result = (await withinTime(info, request, run())) as ActivityResult;
    if (Buffer.byteLength(JSON.stringify(result.output)) > expressLimits.output) throw leftLane({ attempt, wait: 0 });
    return { ...result, express: toEnd(info, request) };
  } catch (error) {
    if (error instanceof CancelledFailure) throw error;
    const failure = ApplicationFailure.fromError(error);
    throw withDetail(leaving(info, request, failure) ?? failure, toEnd(info, request));
  }
};

/** What a step that leaves the lane has tried. */
export const leavesLaneWith = (error: unknown): LeftLaneDetails =>
  (error as ApplicationFailure).details?.[0] as LeftLaneDetails;

const toEnd = ({ scheduledTimestampMs }: Info, { runId, path, ordinal }: ActivityInput): ExpressEnd => ({
  runId,
  step: ordinal === 1 ? path : `${path}~${ordinal}`,
  took: Math.max(0, Date.now() - scheduledTimestampMs),
});

const leftLane = (details: LeftLaneDetails): ApplicationFailure =>
  ApplicationFailure.create({
    type: leftLaneFailure,
    message: details.failure?.message ?? 'The step needs more than the express lane has.',
    nonRetryable: true,
    details: [details],
  });

/** The failure to leave the lane with; null when the step ends for good, or is tried again at once. */
const leaving = (info: Info, request: ActivityInput, error: ApplicationFailure): ApplicationFailure | null => {
  if (error.type === deferredFailure || error.type === leftLaneFailure) return null;
  const attempt = attemptOf(info, request);
  if (error.type === 'timed_out' && request.express?.isCut) return leftLane({ attempt, wait: 0 });
  const wait = delayBeforeNext(info, request.retry, error);
  if (wait === null) return null;
  const nextBegins = Date.now() + wait - info.scheduledTimestampMs;
  return nextBegins > expressLimits.lastAttempt
    ? leftLane({ attempt, failure: toFailure(error, attempt), wait })
    : null;
};

const withinTime = <T>(info: Info, request: ActivityInput, work: Promise<T>): Promise<T> => {
  if (!request.express?.isCut) return work;
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(leftLane({ attempt: attemptOf(info, request), wait: 0 })),
      info.startToCloseTimeoutMs * patience,
    );
  });
  return Promise.race([work, isLate]).finally(() => clearTimeout(timer));
};

const withDetail = (failure: ApplicationFailure, detail: ExpressEnd): ApplicationFailure => {
  const { message, type, nonRetryable, cause, nextRetryDelay, category } = failure;
  const details = [failure.details?.[0] ?? null, detail];
  const copy = new ApplicationFailure(message, type, nonRetryable, details, cause, nextRetryDelay, category);
  if (failure.stack) copy.stack = failure.stack;
  return copy;
};
