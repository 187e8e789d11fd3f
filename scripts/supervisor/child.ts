import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Refusal } from '../lib/refusal.ts';
import { lastWords } from './render-log.ts';

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Answers whether the process does its work. */
  readonly isReady: () => Promise<boolean>;
  readonly onLine: (line: string) => void;
  readonly onStart: (pid: number) => void;
  readonly say: (line: string) => void;
  /** Milliseconds; each has a default that suits a person's machine. */
  readonly times?: Partial<ChildTimes>;
}

interface ChildTimes {
  readonly start: number;
  readonly stop: number;
  readonly firstPause: number;
  readonly longestPause: number;
  /** A process that lived this long before it ended is restarted after the first pause again. */
  readonly healthy: number;
}

const defaultTimes: ChildTimes = {
  start: 90_000,
  stop: 45_000,
  firstPause: 500,
  longestPause: 30_000,
  healthy: 60_000,
};

export interface Child {
  readonly name: string;
  /** null between an end and the restart. */
  readonly pid: () => number | null;
  /** Asks it to end, waits, and ends it by force if it does not. */
  stop(): Promise<void>;
  /** At once, without asking. */
  kill(): void;
}

/** Starts a process, waits until it is ready, and starts it again with growing pauses whenever it ends by itself. */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const times = { ...defaultTimes, ...options.times };
  const state: { current: Running | null; stopping: boolean; pause: number; timer: NodeJS.Timeout | null } = {
    current: null,
    stopping: false,
    pause: times.firstPause,
    timer: null,
  };

  const run = (): Running => {
    const running = spawnOne(options);
    const startedAt = performance.now();
    state.current = running;
    void running.ended.then((how) => {
      state.current = null;
      if (state.stopping || !running.wasReady) return;
      if (performance.now() - startedAt > times.healthy) state.pause = times.firstPause;
      options.say(`${options.name} ended by itself (${how}). Starting it again in ${state.pause / 1000} s.`);
      state.timer = setTimeout(() => void again(), state.pause);
      state.pause = Math.min(state.pause * 2, times.longestPause);
    });
    return running;
  };

  const again = async (): Promise<void> => {
    const running = run();
    // A restart that does not become ready counts as one more end.
    running.wasReady = true;
    if (await becomesReady(options, running, times.start)) options.say(`${options.name} is up again.`);
    else running.process.kill('SIGKILL');
  };

  const first = run();
  if (!(await becomesReady(options, first, times.start))) {
    state.stopping = true;
    first.process.kill('SIGKILL');
    throw new Refusal(`${options.name} did not start: ${lastWords(first.lines) ?? 'it said nothing'}`);
  }
  first.wasReady = true;

  return {
    name: options.name,
    pid: () => state.current?.process.pid ?? null,
    stop: async () => {
      state.stopping = true;
      if (state.timer) clearTimeout(state.timer);
      const running = state.current;
      if (!running) return;
      running.process.kill('SIGTERM');
      const force = setTimeout(() => running.process.kill('SIGKILL'), times.stop);
      await running.ended;
      clearTimeout(force);
    },
    kill: () => {
      state.stopping = true;
      if (state.timer) clearTimeout(state.timer);
      state.current?.process.kill('SIGKILL');
    },
  };
};

interface Running {
  readonly process: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<string>;
  hasEnded: boolean;
  wasReady: boolean;
}

const spawnOne = ({ command: [program, ...args], folder, environment, onLine, onStart }: ChildOptions): Running => {
  const child = spawn(program, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C in a terminal reaches the supervisor alone, which stops things in order.
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > 50) lines.shift();
      onLine(line);
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      lines.push(error.message);
      resolve(error.message);
    });
    // After the last line has arrived, not only after the process has ended.
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const running: Running = { process: child, lines, ended, hasEnded: false, wasReady: false };
  void ended.then(() => {
    running.hasEnded = true;
  });
  if (child.pid !== undefined) onStart(child.pid);
  return running;
};

const becomesReady = async ({ isReady }: ChildOptions, running: Running, limit: number): Promise<boolean> => {
  const deadline = performance.now() + limit;
  while (!running.hasEnded && performance.now() < deadline) {
    if (await isReady()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
};

/** Whether an address answers with a success. */
export const answers = (url: string) => async (): Promise<boolean> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'manual' });
    await response.body?.cancel();
    return response.status < 400;
  } catch {
    return false;
  }
};
