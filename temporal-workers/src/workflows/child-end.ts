import type { ChildEnd } from '@everwave/schema/interpreter';
import type { ChildEnded, Failure } from '@everwave/schema/run';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { isUnsealed } from './outcome.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** What the run of a sub-flow says of its own end. Null when it was not one of our workers that said it. */
export const parseChildEnded = (message: unknown): ChildEnded | null => {
  if (isUnsealed(message) || !isRecord(message)) return null;
  const { path, ordinal, end } = message;
  return typeof path === 'string' && typeof ordinal === 'number' && isRecord(end) && 'status' in end
    ? (message as unknown as ChildEnded)
    : null;
};

/** How a workflow ended that could not say so itself: it was ended in Temporal, or refused what it was to begin with. */
export const toChildEnd = (cause: unknown): ChildEnd => {
  if (cause instanceof CancelledFailure) return { status: 'cancelled' };
  return { status: 'failed', failure: toFailure(cause) };
};

const toFailure = (cause: unknown): Failure => {
  if (cause instanceof TerminatedFailure) return { name: 'terminated', message: 'Its workflow was terminated.' };
  if (cause instanceof TimeoutFailure) return { name: 'timed_out', message: 'Temporal ended it: its time was up.' };
  if (cause instanceof ApplicationFailure) return { name: cause.type ?? 'failed', message: cause.message };
  return { name: 'failed', message: 'It did not say why.' };
};

/** The run was there before this step asked for it, and has ended: to whom it told its end, nobody knows. */
export const lostEnd: ChildEnd = {
  status: 'failed',
  failure: {
    name: 'child_end_unknown',
    message: 'The run had been started before, and had ended by now.',
    advice: 'Look at that run. Then complete this step with what it gave, or retry the step to run it once more.',
    unsure: true,
  },
};
