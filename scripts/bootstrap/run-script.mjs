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
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
