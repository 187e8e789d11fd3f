import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';

/** Runs `scripts/<name>.ts` on this terminal, under the Node we run under, and returns its exit code. */
export const runScript = (projectFolder: string, name: string, args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const script = join(projectFolder, 'scripts', `${name}.ts`);
    // Node's SQLite is called experimental; nobody at this terminal can do anything about it.
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
      stdio: 'inherit',
    });
    // A Ctrl-C reaches the script by itself: it cleans up, and we wait for it.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
