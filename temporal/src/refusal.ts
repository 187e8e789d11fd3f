import {
  ApplicationFailure,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';

/** A run refuses a message: `reason` is stable (`step_not_parked`), `message` is for people. */
export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  readonly message: string;
  /** More about it, where the run says more: what is wrong with each field of a form. */
  readonly details?: readonly unknown[];
}

export interface RefusalWords {
  /** Said of a run that has ended, or that Temporal does not know. */
  readonly ended: string;
  readonly noWorker: string;
}

/** An update that failed, as a refusal. Throws what is none: Temporal itself cannot be reached. */
export const toRefusal = (error: unknown, { ended, noWorker }: RefusalWords): Refusal => {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    const isOurs = cause instanceof ApplicationFailure;
    const details: unknown = isOurs ? cause.details?.[0] : undefined;
    return {
      ok: false,
      reason: (isOurs ? cause.type : null) ?? 'refused',
      message: cause?.message ?? error.message,
      ...(Array.isArray(details) && details.length > 0 && { details }),
    };
  }
  if (error instanceof WorkflowNotFoundError) return { ok: false, reason: 'run_not_open', message: ended };
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return { ok: false, reason: 'no_worker', message: noWorker };
  }
  if (isStuck(error)) {
    const message =
      'The run cannot answer now: the workers fail at it, and Temporal tries again. Its page in the Temporal UI says why.';
    return { ok: false, reason: 'run_stuck', message };
  }
  throw error;
};

/** Temporal is there, and has not handed the message on: the run's workflow task fails again and again. */
const isStuck = (error: unknown): boolean =>
  error instanceof ServiceError &&
  isGrpcServiceError(error.cause) &&
  // FAILED_PRECONDITION
  error.cause.code === 9;
