import { createRequire } from 'node:module';
import type { Worker as Thread } from 'node:worker_threads';

const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Thread };

const preload = new URL('./workflow-thread-preload.ts', import.meta.url).href;

/**
 * Creates the SDK's worker with a workflow thread that does without three things, two of which cost more than the workflows do:
 *
 * - a stack trace of every promise, which the SDK keeps for its query `__stack_trace`, at some hundred microseconds each.
 *   An expression makes thousands of them. Where a run stands is what our own pages tell.
 * - a thread that Node starts for every call into the sandbox, to end it when it takes longer than five seconds. A workflow
 *   task makes four or more such calls; here one such thread watches them all.
 * - the SDK's debug lines, each of which carries a copy of what Temporal knows of the workflow, to be dropped.
 */
export const withLeanWorkflowThread = async <T>(create: () => Promise<T>): Promise<T> => {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...[file, options]: ConstructorParameters<typeof Worker>) {
      super(file, { ...options, execArgv: [...process.execArgv, '--import', preload] });
    }
  };
  try {
    return await create();
  } finally {
    threads.Worker = Worker;
  }
};
