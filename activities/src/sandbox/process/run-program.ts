import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { sandboxLimits as limits } from '../limits.ts';
import { tooManyRequests, type Ended, type FetchReply, type FileReply, type Program } from '../messages.ts';
import { neverSettled, outOfMemory, timedOut, toFailed, trapped } from './endings.ts';
import { createGuestFunctions, type ProgramHost } from './guest-functions.ts';
import { createProgramFiles, FileRefused } from './program-files.ts';
import { createMailbox } from './mailbox.ts';
import { createGuest, type Guest, type GuestSettings, type Thrown } from './prelude.ts';
import { prepareSource, sourceName } from './prepare-source.ts';

export interface RunningProgram {
  /** Resolves when the program has ended, at the latest soon after its time. Never rejects. */
  readonly ended: Promise<Ended>;
  fetched(id: number, reply: FetchReply): void;
  filed(id: number, reply: FileReply): void;
}

/** Jobs that QuickJS does before the process looks at its clock and its messages. */
const jobsAtOnce = 500;
/** A stack that has overflowed is long. */
const longestRead = 1024 * 1024;

/** A WebAssembly machine with QuickJS in it. It must be fresh: nothing may remain of another program. */
export interface Machine {
  readonly module: QuickJSWASMModule;
  /** Bytes it has taken so far. They never become less. */
  size(): number;
}

/** Runs one program in a QuickJS of its own. */
export const runProgram = (machine: Machine, program: Program, host: ProgramHost): RunningProgram => {
  const deadline = performance.now() + program.timeoutMs;
  const isOver = (): boolean => performance.now() >= deadline;
  const mailbox = createMailbox(deadline);
  let deliver: (id: number, reply: FetchReply) => void = () => {};

  const files = createProgramFiles(host.file);
  let droppedLines = (): number => 0;

  const run = async (): Promise<Omit<Ended, 'droppedLines'>> => {
    const prepared = prepareSource(program);
    if (!prepared.ok) return { ending: prepared.ending, spent: prepared.spent };
    const runtime = createRuntime(machine.module, program, () => isOver() || !host.isWanted());
    const context = runtime.newContext();
    const outside = createGuestFunctions(context, program, host, {
      timer: (id) =>
        mailbox.put(() => {
          outside.fired(id);
          call(context, guest, 'fire', context.newNumber(id));
        }),
      oneTooMany: (id) => mailbox.put(() => deliver(id, tooManyRequests)),
      readFile: (id, { asText, ...file }) =>
        void files.read(file).then(
          (content) => mailbox.put(() => (asText ? handText(id, content) : handBytes(id, content))),
          (error: unknown) => mailbox.put(() => handRefusal(id, error)),
        ),
      createFile: (id, file, content) =>
        void files.create(file, content).then(
          (made) => mailbox.put(() => hand(id, 'file', textIn(context, JSON.stringify(made)))),
          (error: unknown) => mailbox.put(() => handRefusal(id, error)),
        ),
    });
    droppedLines = () => outside.droppedLines();
    const guest = createGuestIn(context, outside.handle, program);
    const hand = (id: number, kind: Parameters<Guest['filed']>[1], value: QuickJSHandle): void => {
      outside.answered();
      call(context, guest, 'filed', context.newNumber(id), context.newString(kind), value);
    };
    const handRefusal = (id: number, error: unknown): void => {
      if (!(error instanceof FileRefused)) throw error;
      const { code, message } = error;
      hand(id, 'failed', textIn(context, JSON.stringify({ code, message })));
    };
    const handText = (id: number, content: Buffer): void => {
      try {
        hand(id, 'text', textIn(context, new TextDecoder('utf-8', { fatal: true }).decode(content)));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        handRefusal(id, new FileRefused({ ok: false, code: 'refused', message: 'The file is no text in UTF-8.' }));
      }
    };
    const handBytes = (id: number, content: Buffer): void => {
      // QuickJS takes what is given to it without asking whether there was room: so it is asked before.
      if (call(context, guest, 'allocate', context.newNumber(content.length))) {
        throw new WebAssembly.RuntimeError('out of memory');
      }
      hand(id, 'bytes', context.newArrayBuffer(new Uint8Array(content).buffer));
    };
    deliver = (id, reply) => {
      outside.answered();
      call(context, guest, 'fetched', context.newNumber(id), textIn(context, JSON.stringify(reply)));
    };

    const main = context.evalCode(prepared.source, sourceName, { type: 'global', strict: true });
    if (main.error) {
      const ending = isOver() ? timedOut(program) : toFailed(readThrown(context, main.error), program, 'reading');
      return { ending, spent: isOver() };
    }
    const thrown = call(context, guest, 'start', main.value, textIn(context, program.inputText));

    let hasMore = true;
    while (!thrown && !outside.ending() && hasMore && !isOver()) {
      mailbox.doAll();
      runtime.executePendingJobs(jobsAtOnce).dispose();
      if (outside.ending()) break;
      if (runtime.hasPendingJob()) await new Promise((resolve) => setImmediate(resolve));
      else if (outside.open() > 0) await mailbox.wait();
      else hasMore = false;
    }
    outside.close();
    if (isOver()) return { ending: timedOut(program), spent: true };
    const ending = outside.ending() ?? (thrown ? toFailed(thrown, program, 'running') : neverSettled);
    // Without memory even an error has no words: nothing is said, or `null` is thrown.
    const isSilent = ending === neverSettled || (!ending.ok && ending.message === 'Error: null');
    if (isSilent && machine.size() >= 0.9 * program.memoryBytes) return { ending: outOfMemory(program), spent: true };
    return { ending, spent: false };
  };

  return {
    // A trap of the WebAssembly machine is an exception here. Nothing of the machine is used afterwards.
    ended: run()
      .catch((error: unknown) => ({ ending: isOver() ? timedOut(program) : trapped(error, program), spent: true }))
      .then((ended) => ({ ...ended, droppedLines: droppedLines() })),
    fetched: (id, reply) => mailbox.put(() => deliver(id, reply)),
    filed: (id, reply) => files.answered(id, reply),
  };
};

const createRuntime = (module: QuickJSWASMModule, program: Program, isInterrupted: () => boolean): QuickJSRuntime => {
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(program.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);
  runtime.setInterruptHandler(isInterrupted);
  return runtime;
};

const createGuestIn = (context: QuickJSContext, host: QuickJSHandle, program: Program): QuickJSHandle => {
  const settings: GuestSettings = {
    hasFetch: program.hasFetch,
    idempotencyKey: program.idempotencyKey,
    lineLength: limits.consoleLineLength,
    resultLength: limits.resultBytes,
    resultDepth: limits.resultDepth,
    messageLength: limits.messageLength,
  };
  const source = `(host) => (${createGuest.toString()})(host, ${JSON.stringify(settings)})`;
  const create = context.unwrapResult(context.evalCode(source, 'everwave', { type: 'global', strict: true }));
  const guest = context.unwrapResult(context.callFunction(create, context.undefined, host));
  create.dispose();
  return guest;
};

/** Throws when the text does not fit into the program's memory. */
const textIn = (context: QuickJSContext, text: string): QuickJSHandle => {
  const handle = context.newString(text);
  if (context.typeof(handle) !== 'string') throw new WebAssembly.RuntimeError('out of memory');
  return handle;
};

/** Calls a method of the guest with handles that are used up. Returns what it threw. */
const call = (
  context: QuickJSContext,
  guest: QuickJSHandle,
  method: keyof Guest,
  ...handles: readonly QuickJSHandle[]
): Thrown | null => {
  const func = context.getProp(guest, method);
  const result = context.callFunction(func, context.undefined, ...handles);
  for (const handle of [func, ...handles]) handle.dispose();
  if (result.error) return readThrown(context, result.error);
  result.value.dispose();
  return null;
};

/** What a thrown value says of itself, where it says it in text of bearable length. */
const readThrown = (context: QuickJSContext, error: QuickJSHandle): Thrown => {
  const isObject = ['object', 'function'].includes(context.typeof(error));
  const read = (name: keyof Thrown): string => {
    if (!isObject) return '';
    using member = context.getProp(error, name);
    if (context.typeof(member) !== 'string') return '';
    using length = context.getProp(member, 'length');
    return context.getNumber(length) > longestRead ? '' : context.getString(member).slice(0, limits.messageLength);
  };
  const thrown = { name: read('name') || 'Error', message: read('message'), stack: read('stack'), code: read('code') };
  error.dispose();
  return thrown;
};
