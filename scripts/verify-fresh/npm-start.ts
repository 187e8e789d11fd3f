import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface StartedProduct {
  /** Seconds until the word Ready. */
  readonly seconds: number;
  /** The command that is printed alone on a line. */
  readonly curl: string;
  /** Ctrl-C; nothing when it has ended already. Throws when it does not end with the word that all is stopped. */
  readonly stop: () => Promise<void>;
}

/** `npm start`, as a person does it, until it is ready. */
export const npmStart = (
  folder: string,
  environment: NodeJS.ProcessEnv,
  show: (line: string) => void,
): Promise<StartedProduct> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn('npm', ['start'], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, as a terminal makes one: Ctrl-C reaches npm, its shell and us.
      detached: true,
    });
    const ended = new Promise<string>((done) =>
      child.once('close', (code, signal) => done(signal ?? `exit code ${code}`)),
    );
    let ready = false;
    let stopped = false;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        show(line);
        if (line === 'Ready') ready = true;
        if (line.startsWith('Stopped. All data is in ')) stopped = true;
        if (!ready || !line.startsWith('curl ')) return;
        resolve({
          seconds: (performance.now() - started) / 1000,
          curl: line,
          stop: async () => {
            if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), 'SIGINT');
            const how = await ended;
            if (!stopped) throw new Error(`npm start did not stop in order after Ctrl-C (${how}).`);
          },
        });
      });
    }
    child.once('error', reject);
    void ended.then((how) => reject(new Error(`npm start ended (${how}) before it was ready.`)));
  });
