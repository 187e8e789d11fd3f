import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a script under the given Node and returns its exit code. Signals are the script's to answer.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {{ projectFolder: string, environment: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export const runScript = (node, args, { projectFolder, environment }) =>
  new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd: projectFolder, env: environment, stdio: 'inherit' });
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => child.kill(signal));
    }
    const stopWatching = onParentGone(() => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      stopWatching();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });

/**
 * A shell that npm starts us in dies of a SIGTERM without passing it on, and npm with it: whoever stops npm means us.
 *
 * @param {() => void} stop
 */
const onParentGone = (stop) => {
  if (!process.env['npm_lifecycle_event']) return () => {};
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, 500);
  watch.unref();
  return () => clearInterval(watch);
};
