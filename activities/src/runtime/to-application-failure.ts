import type { AnyNodeDefinition } from '@everwave/schema/node';
import {
  deferredFailure,
  type DeferredDetails,
  type Failure,
  leftLaneFailure,
  type LeftLaneDetails,
} from '@everwave/schema/run';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { commonFailures } from './common-failures.ts';
import { cutText } from './cut-text.ts';
import {
  AddressRefused,
  AskedToWait,
  CommonFailure,
  ConnectionLost,
  DoubtfulAttempt,
  NodeFailure,
  NoPlace,
  NotConnected,
  NotForExpress,
  ReplyTooLarge,
  StoreUnavailable,
  UnsureEffect,
  type CommonFailureName,
} from './node-errors.ts';
import type { Redactor } from './secrets.ts';

const longestMessage = 2000;
const longestStack = 4000;
const longestRetryDelayMs = 3_600_000;
/** The kernel waits longer each time. */
const storePauseMs = 2_000;

/** Says whether another attempt makes sense, by the definition for its own failures and by the common rules else. */
export const isRetryable = (error: unknown, definition: AnyNodeDefinition): boolean => {
  if (error instanceof NodeFailure) {
    return !(definition.activity.retry.nonRetryableErrorTypes as readonly string[]).includes(error.failure);
  }
  if (error instanceof DoubtfulAttempt) return isRetryable(error.cause, definition);
  if (error instanceof NotForExpress) return false;
  return error instanceof AskedToWait || error instanceof NoPlace || commonFailures[commonNameOf(error)].retryable;
};

/** An attempt's error in Temporal's words. Secrets are removed before anything is shortened. */
export const toApplicationFailure = (
  error: unknown,
  {
    definition,
    attempt,
    redactor,
    now,
  }: { definition: AnyNodeDefinition; attempt: number; redactor: Redactor; now: number },
): ApplicationFailure => {
  const origin = error instanceof DoubtfulAttempt ? error.cause : error;
  const wait = waitOf(origin);
  if (wait) {
    const isLimit = origin instanceof NoPlace ? { isLimit: true as const } : {};
    const details: DeferredDetails = { until: now + wait.ms, reason: redactor.text(wait.reason), attempt, ...isLimit };
    return ApplicationFailure.create({
      type: deferredFailure,
      message: details.reason,
      nonRetryable: true,
      details: [details],
      category: ApplicationFailureCategory.BENIGN,
    });
  }

  if (origin instanceof NotForExpress) {
    const details: LeftLaneDetails = { attempt, wait: 0 };
    return ApplicationFailure.create({ type: leftLaneFailure, nonRetryable: true, details: [details] });
  }

  const name = origin instanceof NodeFailure ? origin.failure : commonNameOf(origin);
  const advice =
    origin instanceof NodeFailure
      ? (definition.failures as Readonly<Record<string, string>>)[name]
      : commonFailures[commonNameOf(origin)].advice;
  const message = cutText(redactor.text(origin instanceof Error ? origin.message : String(origin)), longestMessage);
  const unsure = error instanceof DoubtfulAttempt || origin instanceof UnsureEffect;
  const details: Failure = {
    name,
    message,
    ...(advice === undefined ? {} : { advice }),
    attempt,
    ...(unsure ? { unsure } : {}),
  };
  const cause = origin instanceof Error ? redactedCause(origin.cause, redactor) : undefined;
  const failure = ApplicationFailure.create({
    type: name,
    message,
    nonRetryable: !isRetryable(origin, definition),
    details: [details],
    ...(cause ? { cause } : {}),
    ...(origin instanceof NodeFailure && origin.retryAfterMs !== null
      ? { nextRetryDelay: Math.min(origin.retryAfterMs, longestRetryDelayMs) }
      : {}),
  });
  if (origin instanceof Error && origin.stack) failure.stack = cutText(redactor.text(origin.stack), longestStack);
  return failure;
};

/** What is tried again without an attempt being spent: the service says when, our own store is away, or the worker goes down. */
const waitOf = (error: unknown): { readonly ms: number; readonly reason: string } | null => {
  if (error instanceof AskedToWait || error instanceof NoPlace) return { ms: error.waitMs, reason: error.message };
  if (error instanceof StoreUnavailable) return { ms: storePauseMs, reason: error.message };
  const isHandedBack = error instanceof CommonFailure && error.failure === 'interrupted';
  return isHandedBack ? { ms: 0, reason: 'Its worker was stopped; another one goes on with it.' } : null;
};

export const commonNameOf = (error: unknown): CommonFailureName => {
  if (error instanceof CommonFailure) return error.failure;
  if (error instanceof UnsureEffect) return 'effect_unsure';
  if (error instanceof AddressRefused) return 'address_refused';
  if (error instanceof NotConnected) return 'unreachable';
  if (error instanceof ConnectionLost) return 'connection_lost';
  if (error instanceof ReplyTooLarge) return 'value_too_large';
  return 'unexpected';
};

const redactedCause = (cause: unknown, redactor: Redactor, depth = 0): Error | undefined => {
  if (!(cause instanceof Error) || depth === 5) return undefined;
  const inner = redactedCause(cause.cause, redactor, depth + 1);
  const copy = new Error(cutText(redactor.text(cause.message), longestMessage), inner ? { cause: inner } : {});
  copy.name = cause.name;
  if (cause.stack) copy.stack = cutText(redactor.text(cause.stack), longestStack);
  return copy;
};
