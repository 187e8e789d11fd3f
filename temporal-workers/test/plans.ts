import type { ActionStep } from '@everwave/schema/flow';

/** Short retries, so that a test does not wait. */
export const retrying = (maximumAttempts: number): ActionStep['options'] => ({
  taskQueue: 'flow',
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '1m',
  retry: {
    initialInterval: '50ms',
    backoffCoefficient: 2,
    maximumInterval: '1s',
    maximumAttempts,
    nonRetryableErrorTypes: [],
  },
});
