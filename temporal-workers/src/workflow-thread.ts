import { createRequire } from 'node:module';
import type { Worker as Thread } from 'node:worker_threads';

const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Thread };

// Runs in the thread before the SDK does. `createHook` answers with the function that would stop the hook.
const preload = `data:text/javascript,${encodeURIComponent(
  "import v8 from 'node:v8'; v8.promiseHooks.createHook = () => () => {};",
)}`;

/**
 * Creates the SDK's worker with a workflow thread that keeps no stack trace of every promise. The SDK keeps one for its
 * query `__stack_trace`, at some hundred microseconds per promise; an expression makes thousands of them, and a workflow
 * task that takes longer than five seconds fails for ever. Where a run stands is what our own pages tell.
 */
export const withoutPromiseHooks = async <T>(create: () => Promise<T>): Promise<T> => {
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
