import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { FileValue } from '@everwave/schema/flow';
import { CommonFailure } from '../runtime/node-errors.ts';
import type { StepFiles } from '../runtime/step-files.ts';
import { sandboxLimits as limits } from './limits.ts';
import type { FileCall, FileReply } from './messages.ts';

export interface FileGate {
  /** Every refusal is a reply, for the code to catch. Rejects with what ends the step: the store is away, the time is over. */
  readonly call: (call: FileCall) => Promise<FileReply>;
  /** The code has ended: what it has not finished is no file. */
  close(): void;
}

export interface FileGateOptions {
  readonly files: StepFiles;
  /** Bytes that the code may read in all, and as many that it may write. */
  readonly bytes: number;
}

interface Reading {
  readonly parts: AsyncIterator<Uint8Array>;
  /** What has come and not been handed over: a store may give more at once than one message takes. */
  rest: Uint8Array;
}

interface Making {
  readonly parts: PassThrough;
  readonly made: Promise<FileValue>;
}

const refuse = (message: string): FileReply => ({ ok: false, code: 'refused', message });
const over = (message: string): FileReply => ({ ok: false, code: 'limit', message });

/** What stands between an author's code and files: the counts, then the run's own rules about whose file is whose. */
export const createFileGate = ({ files, bytes }: FileGateOptions): FileGate => {
  const reading = new Map<number, Reading>();
  const making = new Map<number, Making>();
  const left = { read: bytes, written: bytes, opened: limits.files as number, made: limits.files as number };
  let nextHandle = 1;
  let isClosed = false;

  const open = async ({ name, sha256 }: Extract<FileCall, { do: 'open' }>): Promise<FileReply> => {
    left.opened -= 1;
    if (left.opened < 0) return over(`The code reads more than ${limits.files} files.`);
    const { bytes: size, content } = await files.open({ name, sha256 });
    if (size > left.read) {
      return over(
        `The file "${name}" has ${size} bytes; the code may read ${left.read} more. Raise its memory limit, or hand the file to a step that streams it.`,
      );
    }
    left.read -= size;
    const handle = nextHandle;
    nextHandle += 1;
    reading.set(handle, { parts: content[Symbol.asyncIterator](), rest: new Uint8Array() });
    return { ok: true, handle };
  };
  const read = async (handle: number): Promise<FileReply> => {
    const one = reading.get(handle);
    if (!one) return refuse('No such file is open.');
    while (one.rest.length === 0) {
      const next = await one.parts.next();
      if (next.done === true) {
        reading.delete(handle);
        return { ok: true, content: null };
      }
      one.rest = next.value;
    }
    const part = one.rest.subarray(0, limits.filePartBytes);
    one.rest = one.rest.subarray(limits.filePartBytes);
    return { ok: true, content: Buffer.from(part).toString('base64') };
  };
  const create = ({ name, mediaType }: Extract<FileCall, { do: 'create' }>): FileReply => {
    left.made -= 1;
    if (left.made < 0) return over(`The code makes more than ${limits.files} files.`);
    const parts = new PassThrough();
    // Its end is heard of by whoever writes to it.
    parts.on('error', () => {});
    const made = files.create({ name, mediaType }, parts);
    made.catch(() => {});
    const handle = nextHandle;
    nextHandle += 1;
    making.set(handle, { parts, made });
    return { ok: true, handle };
  };
  const write = async ({ handle, content }: Extract<FileCall, { do: 'write' }>): Promise<FileReply> => {
    const one = making.get(handle);
    if (!one) return refuse('No such file is being made.');
    const part = Buffer.from(content, 'base64');
    left.written -= part.length;
    if (left.written < 0) return over(`The files that the code makes have more than ${bytes} bytes.`);
    if (!one.parts.write(part)) await Promise.race([once(one.parts, 'drain'), one.made]);
    return { ok: true };
  };
  const finish = async (handle: number): Promise<FileReply> => {
    const one = making.get(handle);
    if (!one) return refuse('No such file is being made.');
    one.parts.end();
    const file = await one.made;
    making.delete(handle);
    return { ok: true, file };
  };

  const perform = async (call: FileCall): Promise<FileReply> => {
    switch (call.do) {
      case 'open':
        return open(call);
      case 'read':
        return read(call.handle);
      case 'create':
        return create(call);
      case 'write':
        return write(call);
      case 'finish':
        return finish(call.handle);
    }
  };

  return {
    async call(call) {
      if (isClosed) return refuse('The code has ended.');
      try {
        return await perform(call);
      } catch (error) {
        if (error instanceof CommonFailure && ['file_missing', 'file_too_large'].includes(error.failure)) {
          return refuse(error.message);
        }
        throw error;
      }
    },
    close() {
      isClosed = true;
      for (const { parts } of reading.values()) void parts.return?.().catch(() => {});
      for (const { parts } of making.values()) parts.destroy(new Error('The code has ended.'));
    },
  };
};
