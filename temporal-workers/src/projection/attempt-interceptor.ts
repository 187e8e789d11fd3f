import {
  type ActivityInput,
  attemptOf,
  type DeferredDetails,
  deferredFailure,
  evaluateActivity,
  type Failure,
  leftLaneFailure,
  unsealedMarker,
} from '@everwave/schema/run';
import type { Context, Info } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Batcher } from './batcher.ts';
import type { AttemptEnding } from './entry.ts';
import { leavesLaneWith, runExpress } from './express-attempt.ts';
import { delayBeforeNext } from './next-attempt.ts';
import { toDeferral, toFailure } from './to-failure.ts';

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
        // A probe has no step, and an evaluation for a step is none of its attempts.
        if (!('path' in request) || info.activityType === evaluateActivity) return next(input);
        const { orgId, runId, flowId, path, ordinal } = request;
        const run = { orgId, runId, flowId };
        const step = { path, ordinal, attempt: attemptOf(info, request) };
        batcher.add({ kind: 'attemptStarted', run, step, at: now(), worker: identity });
        try {
          const result: unknown = await (info.isLocal ? runExpress(info, request, () => next(input)) : next(input));
          batcher.add({ kind: 'attemptEnded', run, step, at: now(), status: 'succeeded' });
          return result;
        } catch (error) {
          batcher.add({ kind: 'attemptEnded', run, step, at: now(), ...toEnding(info, request, error, now()) });
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
  if (!(error instanceof ApplicationFailure)) return 'failed';
  if (error.type === leftLaneFailure) return leavesLaneWith(error).failure ? 'failed' : 'deferred';
  return error.type === deferredFailure ? 'deferred' : 'failed';
};

const toEnding = (
  info: Info,
  request: ActivityInput,
  error: unknown,
  at: number,
): { status: AttemptEnding; failure?: Failure; nextAttemptAt?: number } => {
  const status = endingOf(error);
  if (status === 'deferred' && error instanceof ApplicationFailure && error.type === deferredFailure) {
    const details = error.details?.[0] as Partial<DeferredDetails> | undefined;
    return { status, failure: toDeferral({ ...details, reason: details?.reason ?? error.message }) };
  }
  if (status !== 'failed') return { status };
  if (error instanceof ApplicationFailure && error.type === leftLaneFailure) {
    const { failure, wait } = leavesLaneWith(error);
    return { status, ...(failure && { failure }), nextAttemptAt: at + wait };
  }
  const delay = delayBeforeNext(info, request.retry, error);
  return {
    status,
    failure: toFailure(error, attemptOf(info, request)),
    ...(delay === null ? {} : { nextAttemptAt: at + delay }),
  };
};
