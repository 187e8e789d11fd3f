import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface StartedProduct {
  /** Seconds until the word Ready. */
  readonly seconds: number;
  /** The command that is printed alone on a line. */
  readonly curl: string;
  /** Ctrl-C, and the exit code. */
  readonly stop: () => Promise<number>;
}

/** `npm start`, as a person does it, until it is ready. */
export const npmStart = (
  folder: string,
  environment: NodeJS.ProcessEnv,
  show: (line: string) => void,
): Promise<StartedProduct> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn('npm', ['start'], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number>((done) => child.once('exit', (code) => done(code ?? 1)));
    let ready = false;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        show(line);
        if (line === 'Ready') ready = true;
        if (!ready || !line.startsWith('curl ')) return;
        resolve({
          seconds: (performance.now() - started) / 1000,
          curl: line,
          stop: () => {
            child.kill('SIGINT');
            return ended;
          },
        });
      });
    }
    child.once('error', reject);
    void ended.then((code) => reject(new Error(`npm start ended with exit code ${code} before it was ready.`)));
  });
