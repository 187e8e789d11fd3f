import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core';
import { sandboxLimits as limits } from '../limits.ts';
import {
  consoleLevels,
  type ConsoleLevel,
  type Ending,
  type FetchRequest,
  type FileCall,
  type Program,
} from '../messages.ts';
import { notJson, resultTooLarge, toFailed } from './endings.ts';
import type { GuestHost, Thrown } from './prelude.ts';

/** What a program reaches outside of itself. */
export interface ProgramHost {
  log(level: ConsoleLevel, text: string): void;
  readonly fetch: (id: number, request: FetchRequest) => void;
  readonly file: (id: number, call: FileCall) => void;
  /** False when nobody waits for this program any more: then it stops at once. */
  isWanted(): boolean;
}

/** The functions that the guest calls, and what they have been told. */
export interface GuestFunctions {
  readonly handle: QuickJSHandle;
  /** The first that was reported; later ones do not count. */
  ending(): Ending | null;
  droppedLines(): number;
  /** Requests and timers that will still bring something. */
  open(): number;
  /** A request, or what was asked about a file, has got its answer. */
  answered(): void;
  /** A timer has run out. */
  fired(id: number): void;
  close(): void;
}

export interface WantedFile {
  readonly name: string;
  readonly sha256: string;
  readonly asText: boolean;
}

export interface NewFile {
  readonly name: string;
  readonly mediaType: string | null;
}

/** UTF-16 units of what is said of a file. */
const longestDescription = 10_000;

/** Only text, bytes and numbers cross, copied, and never more than the bounds allow. */
export const createGuestFunctions = (
  context: QuickJSContext,
  program: Program,
  host: ProgramHost,
  on: {
    readonly timer: (id: number) => void;
    readonly oneTooMany: (id: number) => void;
    readonly readFile: (id: number, file: WantedFile) => void;
    readonly createFile: (id: number, file: NewFile, content: Buffer) => void;
  },
): GuestFunctions => {
  const timers = new Map<number, NodeJS.Timeout>();
  let ending: Ending | null = null;
  let open = 0;
  let requests = 0;
  let lines = 0;

  const end = (first: Ending): void => {
    ending ??= first;
  };
  const textOf = (handle: QuickJSHandle, longest: number): string => {
    if (context.typeof(handle) !== 'string') throw new TypeError('A text is wanted here.');
    const length = context.getProp(handle, 'length').consume((value) => context.getNumber(value));
    if (length > longest) throw new RangeError(`A text of ${length} characters; ${longest} are possible.`);
    return context.getString(handle);
  };

  const functions: { readonly [Name in keyof GuestHost]: (...handles: QuickJSHandle[]) => void } = {
    log(level, text) {
      lines += 1;
      if (lines > limits.consoleLines) return;
      const name = textOf(level, 10);
      const known = consoleLevels.find((each) => each === name) ?? 'log';
      host.log(known, textOf(text, limits.consoleLineLength));
    },
    fetch: (id, request) => {
      const parsed = JSON.parse(textOf(request, 2 * limits.requestBytes)) as FetchRequest;
      const number = context.getNumber(id);
      open += 1;
      requests += 1;
      if (requests > limits.requests) on.oneTooMany(number);
      else host.fetch(number, parsed);
    },
    readFile: (id, file) => {
      const wanted = JSON.parse(textOf(file, longestDescription)) as WantedFile;
      open += 1;
      on.readFile(context.getNumber(id), wanted);
    },
    createFile: (id, file, content) => {
      const described = JSON.parse(textOf(file, longestDescription)) as NewFile;
      const bytes =
        context.typeof(content) === 'string'
          ? Buffer.from(textOf(content, program.memoryBytes), 'utf8')
          : context.getArrayBuffer(content).consume(({ value }) => Buffer.from(value));
      open += 1;
      on.createFile(context.getNumber(id), described, bytes);
    },
    setTimer(id, milliseconds) {
      if (timers.size >= limits.timers) throw new RangeError(`More than ${limits.timers} timers wait.`);
      const number = context.getNumber(id);
      const delay = Math.min(Math.max(0, context.getNumber(milliseconds)), program.timeoutMs + 1000);
      timers.set(
        number,
        setTimeout(() => on.timer(number), delay),
      );
    },
    clearTimer(id) {
      const number = context.getNumber(id);
      clearTimeout(timers.get(number));
      timers.delete(number);
    },
    succeed(result) {
      end({ ok: true, resultText: textOf(result, limits.resultBytes) });
    },
    fail(kind, details) {
      const what = textOf(kind, 40);
      const text = textOf(details, 8 * limits.messageLength);
      if (what === 'thrown') end(toFailed(JSON.parse(text) as Thrown, program, 'running'));
      else if (what === 'output_not_json') end(notJson(text));
      else end(resultTooLarge(text, limits.resultBytes));
    },
  };

  const handle = context.newObject();
  for (const [name, call] of Object.entries(functions)) {
    const func = context.newFunction(name, (...handles) => call(...handles));
    context.setProp(handle, name, func);
    func.dispose();
  }
  return {
    handle,
    ending: () => ending,
    droppedLines: () => Math.max(0, lines - limits.consoleLines),
    open: () => open + timers.size,
    answered: () => {
      open -= 1;
    },
    fired: (id) => {
      timers.delete(id);
    },
    close: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
};
