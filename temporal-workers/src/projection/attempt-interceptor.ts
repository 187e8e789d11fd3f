import { type ActivityInput, deferredFailure, type Failure, unsealedMarker } from '@everwave/schema/run';
import { ApplicationFailure, type Context, type Info } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Batcher } from './batcher.ts';
import type { AttemptEnding } from './entry.ts';

export interface AttemptInterceptorOptions {
  readonly batcher: Pick<Batcher, 'add'>;
  /** Temporal's identity of this worker. */
  readonly identity: string;
  readonly now?: () => number;
}

/** Reports every attempt: the workflow, and history with it, hears only of the last one. Refuses what is not ours to run. */
export const createAttemptInterceptor =
  ({ batcher, identity, now = Date.now }: AttemptInterceptorOptions): ActivityInterceptorsFactory =>
  (context: Context) => ({
    inbound: {
      execute: async (input, next) => {
        const { info } = context;
        const request = acceptInput(info, input.args[0]);
        if (!('path' in request)) return next(input);
        const { orgId, runId, flowId, path, ordinal } = request;
        const run = { orgId, runId, flowId };
        const step = { path, ordinal, attempt: info.attempt };
        batcher.add({ kind: 'attemptStarted', run, step, at: now(), worker: identity });
        try {
          const result: unknown = await next(input);
          batcher.add({ kind: 'attemptEnded', run, step, at: now(), status: 'succeeded' });
          return result;
        } catch (error) {
          batcher.add({ kind: 'attemptEnded', run, step, at: now(), ...toEnding(info, request.retry, error, now()) });
          throw error;
        }
      },
    },
  });

/** Whoever reaches Temporal's port can schedule activities on our queues: only our workflows seal what they ask for. */
const acceptInput = (info: Info, input: unknown): ActivityInput | { readonly orgId: string } => {
  const request = (typeof input === 'object' && input !== null ? input : {}) as Partial<ActivityInput>;
  const workflowId = info.workflowExecution?.workflowId ?? '';
  if (unsealedMarker in request || !request.orgId || !workflowId.startsWith(`t/${request.orgId}/`)) {
    throw ApplicationFailure.nonRetryable(
      "This activity's input is not encrypted with the org's key: only our workflows ask for activities.",
      'unsealed',
    );
  }
  return request as ActivityInput;
};

/** How an attempt ended that threw this. */
export const endingOf = (error: unknown): Exclude<AttemptEnding, 'succeeded'> => {
  if (error instanceof CancelledFailure) return 'cancelled';
  if (error instanceof ApplicationFailure && error.type === deferredFailure) return 'deferred';
  return 'failed';
};

const toEnding = (
  { attempt, retryPolicy }: Info,
  retry: ActivityInput['retry'],
  error: unknown,
  at: number,
): { status: AttemptEnding; failure?: Failure; nextAttemptAt?: number } => {
  const status = endingOf(error);
  if (status !== 'failed') return { status };
  const delay = delayBeforeNext(attempt, retryPolicy ?? retry, error);
  return {
    status,
    failure: toFailure(error, attempt),
    ...(delay === null ? {} : { nextAttemptAt: at + delay }),
  };
};

const toFailure = (error: unknown, attempt: number): Failure => {
  const details: unknown = error instanceof ApplicationFailure ? error.details?.[0] : undefined;
  if (typeof details === 'object' && details !== null && 'name' in details && 'message' in details) {
    return { attempt, ...(details as Failure) };
  }
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof ApplicationFailure ? (error.type ?? 'activity_failed') : 'activity_failed';
  return { name, message, attempt };
};

type Policy = Info['retryPolicy'] | ActivityInput['retry'];

/** Milliseconds until Temporal tries again, as its retry policy says; null when it does not. */
const delayBeforeNext = (attempt: number, policy: Policy, error: unknown): number | null => {
  const failure = error instanceof ApplicationFailure ? error : null;
  const names: readonly string[] = policy?.nonRetryableErrorTypes ?? [];
  if (!policy || failure?.nonRetryable || names.includes(failure?.type ?? '')) return null;
  if (policy.maximumAttempts !== undefined && attempt >= policy.maximumAttempts) return null;
  if (failure?.nextRetryDelay !== undefined && failure.nextRetryDelay !== null)
    return msToNumber(failure.nextRetryDelay);
  const initial = msToNumber(policy.initialInterval ?? '1s');
  const longest = msToNumber(policy.maximumInterval ?? initial * 100);
  return Math.min(longest, initial * (policy.backoffCoefficient ?? 2) ** (attempt - 1));
};
