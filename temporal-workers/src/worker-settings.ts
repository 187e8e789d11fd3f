import type { WorkerOptions } from '@temporalio/worker';

/** Fixed slots, because a tuner that grows them adds a pause before every new one. */
export const workerSettings = {
  // A cancellation reaches an activity with the answer to its heartbeat.
  maxHeartbeatThrottleInterval: '2s',
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentActivityTaskExecutions: 100,
  shutdownForceTime: '40s',
} as const satisfies Partial<WorkerOptions>;
