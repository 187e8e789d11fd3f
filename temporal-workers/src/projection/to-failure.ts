import type { DeferredDetails, Failure } from '@everwave/schema/run';
import { ApplicationFailure } from '@temporalio/common';

/** Why an attempt was asked to come back later. */
export const toDeferral = ({ reason, attempt, isLimit }: Omit<DeferredDetails, 'until'>): Failure => ({
  name: isLimit ? 'no_free_place' : 'asked_to_wait',
  message: reason,
  ...(attempt === undefined ? {} : { attempt }),
});

/** An attempt's error as a person reads it. */
export const toFailure = (error: unknown, attempt: number): Failure => {
  const details: unknown = error instanceof ApplicationFailure ? error.details?.[0] : undefined;
  if (typeof details === 'object' && details !== null && 'name' in details && 'message' in details) {
    return { attempt, ...(details as Failure) };
  }
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof ApplicationFailure ? (error.type ?? 'activity_failed') : 'activity_failed';
  return { name, message, attempt };
};
