import { spawn, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { createDeferred } from './deferred.ts';
import { createFrameReader, encodeFrame } from './frames.ts';
import { sandboxLimits as limits } from './limits.ts';
import type {
  ConsoleLevel,
  Ended,
  FetchReply,
  FetchRequest,
  FileCall,
  FileReply,
  FromProcess,
  Program,
  ToProcess,
} from './messages.ts';
import { readMessage } from './read-message.ts';

/** What a program reaches through its process. */
export interface ProgramHandlers {
  log(level: ConsoleLevel, text: string): void;
  /** Rejects only to end the program, with the reason that the step then ends with. */
  readonly fetch: (request: FetchRequest) => Promise<FetchReply>;
  /** Rejects like `fetch`. */
  readonly file: (call: FileCall) => Promise<FileReply>;
}

/** The process died, or said something that no sandbox process says. Nothing is known about the program. */
export class SandboxLost extends Error {
  override readonly name = 'SandboxLost';
}

export interface SandboxProcess {
  readonly pid: number | undefined;
  /** Resolves when it can take a program. Rejects with `SandboxLost` when it never will. */
  readonly ready: Promise<void>;
  readonly exited: Promise<void>;
  /** Programs it has been given, and the milliseconds they took. */
  readonly used: { readonly programs: number; readonly milliseconds: number };
  /** One at a time. Rejects with `SandboxLost`, the signal's reason, or what `fetch` rejected with. */
  run(program: Program, handlers: ProgramHandlers, signal: AbortSignal): Promise<Ended>;
  kill(): void;
}

export interface SandboxCommand {
  readonly file: string;
  readonly arguments: readonly string[];
}

const startTimeoutMs = 30_000;
/** A program's own clock ends it; this much later the process is killed, whatever it is doing. */
const graceOf = (timeoutMs: number): number => Math.max(200, 0.1 * timeoutMs);

/** Starts a process with nothing: no environment, no folder, no shared output, behind everything else in the queue for a core. */
export const startSandboxProcess = (command: SandboxCommand): SandboxProcess => {
  const child = spawn(command.file, command.arguments, {
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C in a terminal is the worker's to handle.
    detached: true,
  });
  child.unref();
  yieldToOthers(child);

  let task: Task | null = null;
  let used = { programs: 0, milliseconds: 0 };
  const starting = createDeferred<void>();
  starting.promise.catch(() => undefined);
  const exiting = createDeferred<void>();
  const kill = (): void => {
    // Whoever waits for its end is to see it.
    child.ref();
    child.kill('SIGKILL');
  };
  const lose = (reason: string): void => {
    const lost = new SandboxLost(reason);
    starting.reject(lost);
    task?.fail(lost);
    kill();
  };

  const startTimer = setTimeout(() => lose('The sandbox did not start in time.'), startTimeoutMs);
  void starting.promise.then(
    () => clearTimeout(startTimer),
    () => clearTimeout(startTimer),
  );
  child.on('error', (error) => {
    lose(`The sandbox did not start: ${error.message}`);
    exiting.resolve();
  });
  child.on('exit', (code, signal) => {
    lose(`The sandbox process ended by itself (${signal ?? `exit code ${code}`}).`);
    exiting.resolve();
  });

  const write = (message: ToProcess): void => void child.stdin.write(encodeFrame(message));
  child.stdin.on('error', () => lose('The sandbox process hung up.'));
  const receive = createFrameReader(limits.messageBytes, (text) => {
    const message = readMessage(text);
    if (message.type === 'ready') starting.resolve();
    else if (task) task.take(message);
    else throw new Error('A message without a program.');
  });
  child.stdout.on('data', (chunk: Buffer) => {
    try {
      receive(chunk);
    } catch {
      lose('The sandbox process said something that it never says.');
    }
  });
  holdNothing(child.stdin, child.stdout);

  return {
    pid: child.pid,
    ready: starting.promise,
    exited: exiting.promise,
    get used() {
      return used;
    },
    kill,
    async run(program, handlers, signal) {
      await starting.promise;
      signal.throwIfAborted();
      const startedAt = performance.now();
      // An answer that comes after its program's end must not reach the next one, whose requests have the same numbers.
      const own = createTask(program, handlers, (message) => {
        if (task === own) write(message);
      });
      task = own;
      const stop = (): void => {
        own.fail(signal.reason);
        kill();
      };
      const overdue = (): void => {
        own.end(overdueEnding(program));
        kill();
      };
      const timer = setTimeout(overdue, program.timeoutMs + graceOf(program.timeoutMs));
      signal.addEventListener('abort', stop, { once: true });
      write({ type: 'run', program });
      try {
        return await own.ended;
      } catch (error) {
        kill();
        throw error;
      } finally {
        task = null;
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        used = { programs: used.programs + 1, milliseconds: used.milliseconds + performance.now() - startedAt };
      }
    },
  };
};

interface Task {
  readonly ended: Promise<Ended>;
  take(message: Exclude<FromProcess, { type: 'ready' }>): void;
  end(ended: Ended): void;
  fail(reason: unknown): void;
}

const createTask = (program: Program, handlers: ProgramHandlers, write: (message: ToProcess) => void): Task => {
  const { promise, resolve, reject } = createDeferred<Ended>();
  const asked = new Set<number>();
  const called = new Set<number>();
  let lines = 0;
  return {
    ended: promise,
    end: resolve,
    fail: reject,
    take(message) {
      switch (message.type) {
        case 'ended':
          return resolve(message);
        case 'log':
          lines += 1;
          if (lines > limits.consoleLines) throw new Error('More lines than the process may send.');
          return handlers.log(message.level, message.text);
        case 'fetch': {
          const { id, request } = message;
          if (!program.hasFetch || asked.has(id) || asked.size >= limits.requests) throw new Error('No such request.');
          asked.add(id);
          handlers.fetch(request).then((reply) => write(fitting({ type: 'fetched', id, reply })), reject);
          return;
        }
        case 'file': {
          const { id, call } = message;
          if (called.has(id) || called.size >= limits.fileCalls) throw new Error('No such call.');
          called.add(id);
          handlers.file(call).then((reply) => write({ type: 'filed', id, reply }), reject);
        }
      }
    },
  };
};

/** An answer grows on its way: a byte that is no text becomes three of them, a control character six. */
const fitting = (message: Extract<ToProcess, { type: 'fetched' }>): ToProcess =>
  encodeFrame(message).length <= limits.messageBytes
    ? message
    : {
        ...message,
        reply: {
          ok: false,
          code: 'limit',
          message: `The answer takes more than ${limits.messageBytes} bytes as text.`,
        },
      };

const overdueEnding = ({ timeoutMs }: Program): Ended => ({
  ending: {
    ok: false,
    failure: 'code_timed_out',
    message: `The code did not finish within ${timeoutMs / 1000} s.`,
    line: null,
    column: null,
  },
  droppedLines: 0,
  spent: true,
});

/** Workflows, ordinary steps and the api go first. */
const yieldToOthers = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already: its exit says more.
  }
};

/** An idle process does not keep the worker from ending. */
const holdNothing = (...pipes: readonly (Readable | Writable)[]): void => {
  for (const pipe of pipes) (pipe as { unref?: () => void }).unref?.();
};
