import type { ChildProcess } from 'node:child_process';

/** A server that others connect to: Postgres, Temporal. */
export interface Server {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

export interface KeepOptions<Kind extends Server> {
  readonly name: string;
  /** Starts it, always at the same address, and waits until it is ready. */
  readonly start: () => Promise<Kind>;
  readonly onStart: (pid: number) => void;
  readonly say: (line: string) => void;
  /** Milliseconds before the first restart; doubled after each one that fails. */
  readonly firstPause?: number;
}

export interface KeptServer<Kind extends Server> {
  /** The one of the first start; its address stays valid. */
  readonly first: Kind;
  readonly pid: () => number | null;
  stop(): Promise<void>;
  kill(): void;
}

const longestPause = 30_000;

/** Starts a server and starts it again whenever it ends by itself. */
export const keepServer = async <Kind extends Server>(options: KeepOptions<Kind>): Promise<KeptServer<Kind>> => {
  const { name, say, firstPause = 500 } = options;
  const state: { current: Kind | null; stopping: boolean; restart: Promise<void> | null } = {
    current: null,
    stopping: false,
    restart: null,
  };

  const adopt = (server: Kind): Kind => {
    state.current = server;
    if (server.process.pid !== undefined) options.onStart(server.process.pid);
    server.process.once('exit', (code, signal) => {
      state.current = null;
      if (state.stopping) return;
      say(`${name} ended by itself (${signal ?? `exit code ${code}`}). Starting it again.`);
      state.restart = startAgain();
    });
    return server;
  };

  const startAgain = async (): Promise<void> => {
    for (let pause = firstPause; !state.stopping; pause = Math.min(pause * 2, longestPause)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (state.stopping) return;
      try {
        adopt(await options.start());
        say(`${name} is up again.`);
        return;
      } catch (error) {
        say(`${name} did not start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  const first = adopt(await options.start());
  return {
    first,
    pid: () => state.current?.process.pid ?? null,
    stop: async () => {
      state.stopping = true;
      await state.restart;
      await state.current?.stop();
    },
    kill: () => {
      state.stopping = true;
      state.current?.process.kill('SIGKILL');
    },
  };
};
