/**
 * How large a worker's heaps may become. Left to itself, V8 takes what the machine has and gives it back late: after a
 * burst of starts a worker held three times as much as it used, and each of its two heaps had 128 MiB for what is new alone.
 */
export const workerNodeOptions = '--max-old-space-size=1024 --max-semi-space-size=16';

/** A worker's environment; NODE_OPTIONS that a person has set stay as they are. */
export const withWorkerHeap = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...environment,
  NODE_OPTIONS: environment['NODE_OPTIONS'] || workerNodeOptions,
});
