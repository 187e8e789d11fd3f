import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import published from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSSyncVariant } from 'quickjs-emscripten-core';
import { createFrameReader, encodeFrame } from '../frames.ts';
import { sandboxLimits as limits } from '../limits.ts';
import type { FromProcess, Program, ToProcess } from '../messages.ts';
import { runProgram, type Machine, type RunningProgram } from './run-program.ts';

/**
 * The sandbox process: waits for programs on its standard input and runs one after the other, each in a WebAssembly
 * machine of its own. It has no environment, may read nothing but its own code, and ends with the worker.
 */

/** Its types describe the CommonJS form. */
const variant = published as unknown as QuickJSSyncVariant;
const pageBytes = 64 * 1024;
/** What QuickJS itself needs beside the program's own values. */
const machineBytes = 24 * 1024 * 1024;
const leastPages = 256;

const compiled = await WebAssembly.compile(
  readFileSync(fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'))),
);

/** A machine whose memory is all zeros: nothing of an earlier program is in it. */
const createMachine = async (memoryBytes: number): Promise<Machine> => {
  const maximum = leastPages + Math.ceil((memoryBytes + machineBytes) / pageBytes);
  const wasmMemory = new WebAssembly.Memory({ initial: leastPages, maximum });
  const module = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: compiled, wasmMemory }));
  return { module, size: () => wasmMemory.buffer.byteLength };
};

const send = (message: FromProcess): void => void process.stdout.write(encodeFrame(message));

const parent = process.ppid;
let running: RunningProgram | null = null;
let calls = 0;

/** Asked often, so that it asks the system rarely. A worker that was killed leaves its processes to another parent. */
const isWanted = (): boolean => {
  calls += 1;
  if (calls % 64 === 0 && process.ppid !== parent) process.exit(1);
  return true;
};

const run = async (program: Program): Promise<void> => {
  running = runProgram(await createMachine(program.memoryBytes), program, {
    log: (level, text) => send({ type: 'log', level, text }),
    fetch: (id, request) => send({ type: 'fetch', id, request }),
    file: (id, call) => send({ type: 'file', id, call }),
    isWanted,
  });
  const ended = await running.ended;
  running = null;
  send({ type: 'ended', ...ended });
};

const receive = createFrameReader(limits.messageBytes, (text) => {
  const message = JSON.parse(text) as ToProcess;
  if (message.type === 'fetched') running?.fetched(message.id, message.reply);
  else if (message.type === 'filed') running?.filed(message.id, message.reply);
  else void run(message.program);
});

process.stdin.on('data', receive);
process.stdin.on('end', () => process.exit(0));
process.stdin.on('close', () => process.exit(0));
process.stdin.on('error', () => process.exit(1));
// A machine of its own before the first program: what is slow once is slow now.
await createMachine(leastPages * pageBytes);
send({ type: 'ready' });
