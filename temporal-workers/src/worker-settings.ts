import type { WorkerOptions } from '@temporalio/worker';

/** Fixed slots, because a tuner that grows them adds a pause before every new one. */
export const workerSettings = {
  // A cancellation reaches an activity with the answer to its heartbeat.
  maxHeartbeatThrottleInterval: '2s',
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentActivityTaskExecutions: 100,
  // What is not kept is replayed from its history when it goes on. The SDK's formula would fill the heap with runs that wait.
  maxCachedWorkflows: 500,
} as const satisfies Partial<WorkerOptions>;

const reportSeconds = 15;

/** A step that is interrupted when the grace is over still reports what it knows; then the worker ends in any case. */
export const shutdownTimes = (
  grace: `${number}s`,
): Required<Pick<WorkerOptions, 'shutdownGraceTime' | 'shutdownForceTime'>> => ({
  shutdownGraceTime: grace,
  shutdownForceTime: `${Number.parseFloat(grace) + reportSeconds}s`,
});
