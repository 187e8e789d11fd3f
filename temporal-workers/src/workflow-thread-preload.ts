import v8 from 'node:v8';
import vm from 'node:vm';
import { BaseVMWorkflow } from '@temporalio/worker/lib/workflow/vm-shared.js';

// Runs in the workflow thread before the SDK does: see workflow-thread.ts.

// `createHook` answers with the function that would stop the hook.
v8.promiseHooks.createHook = () => () => {};

// oxlint-disable-next-line typescript/unbound-method -- always called with the script it is of
const { runInContext } = vm.Script.prototype;

/** Milliseconds that the SDK lets one call into the sandbox take. It says so with every call. */
let timeLimit = 5_000;

vm.Script.prototype.runInContext = function (context, options = {}) {
  const { timeout = timeLimit, ...rest } = options;
  timeLimit = timeout;
  return runInContext.call(this, context, rest) as unknown;
};

const watched: { work?: () => unknown } = vm.createContext({});
const callWork = new vm.Script('work()');

/** Throws when what `work` does before it first waits takes longer than the limit, whatever that is. */
const watch = <T>(work: () => T): T => {
  watched.work = work;
  return runInContext.call(callWork, watched, { timeout: timeLimit }) as T;
};

// oxlint-disable-next-line typescript/unbound-method -- called with the workflow it is of
const { activate } = BaseVMWorkflow.prototype;

// All of an activation is done before it first waits. A failure is told as the SDK tells one.
BaseVMWorkflow.prototype.activate = async function (activation) {
  try {
    return await watch(() => activate.call(this, activation));
  } catch (error) {
    return { runId: this.runId, failed: { failure: this['activator'].errorToFailure(error) } };
  }
};

// oxlint-disable-next-line typescript/unbound-method -- called with the workflow it is of
const { getAndResetSinkCalls } = BaseVMWorkflow.prototype;

// The main thread drops what the SDK says about each workflow at these levels: see runtime.ts. It need not hear of it.
BaseVMWorkflow.prototype.getAndResetSinkCalls = async function () {
  const calls = await getAndResetSinkCalls.call(this);
  return calls.filter(
    ({ ifaceName, fnName }) => ifaceName !== '__temporal_logger' || (fnName !== 'trace' && fnName !== 'debug'),
  );
};
