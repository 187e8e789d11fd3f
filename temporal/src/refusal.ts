import { ApplicationFailure, type WorkflowUpdateFailedError } from '@temporalio/client';

export interface Refusal {
  readonly ok: false;
  /** Stable. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  readonly details: readonly unknown[];
}

/** Why a run has refused an update. */
export const toRefusal = (error: WorkflowUpdateFailedError): Refusal => {
  const { cause } = error;
  const failure = cause instanceof ApplicationFailure ? cause : null;
  return {
    ok: false,
    reason: failure?.type ?? 'refused',
    message: cause?.message ?? error.message,
    details: failure?.details ?? [],
  };
};
