import type { ActivityInput } from '@everwave/schema/run';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';

/** Milliseconds until Temporal tries again, as its retry policy says; null when it does not. */
export const delayBeforeNext = (
  { attempt, retryPolicy }: Pick<Info, 'attempt' | 'retryPolicy'>,
  retry: ActivityInput['retry'],
  error: unknown,
): number | null => {
  const policy = retryPolicy ?? retry;
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
