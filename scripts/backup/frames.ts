import { createHash } from 'node:crypto';
import {
  type Closing,
  closingSchema,
  type Contents,
  contentsSchema,
  type Entry,
  manifestSchema,
} from './archive-contents.ts';
import { isCutShort, isDamaged } from './seal-chunks.ts';

// type (1 byte) | u32 length | content. One `contents`, then per entry `data` frames and a `closing`, then the `manifest`.
const types = { contents: 0x49, data: 0x44, closing: 0x43, manifest: 0x4d } as const;
type FrameType = keyof typeof types;
const names = new Map<number, FrameType>(Object.entries(types).map(([name, byte]) => [byte, name as FrameType]));

const dataBytes = 64 * 1024;
const largestData = 1024 ** 2;
const longestFrame = 16 * 1024 ** 2;

const frame = (type: FrameType, content: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt8(types[type], 0);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
};

const jsonFrame = (type: FrameType, value: unknown): Buffer => frame(type, Buffer.from(JSON.stringify(value), 'utf8'));

/** Opens an entry's content when its turn comes. */
export type OpenEntry = (entry: Entry) => Promise<AsyncIterable<Buffer>> | AsyncIterable<Buffer>;

/** The body of an archive, before compression. Holds one chunk in memory, whatever the size of a table. */
export async function* toFrames(contents: Contents, open: OpenEntry): AsyncGenerator<Buffer> {
  yield jsonFrame('contents', contents);
  const entries = [];
  for (const entry of contents.entries) {
    const meter = createMeter();
    for await (const chunk of gather(await open(entry))) {
      meter.add(chunk);
      yield frame('data', chunk);
    }
    const closing = meter.end();
    entries.push({ name: entry.name, ...closing });
    yield jsonFrame('closing', closing);
  }
  yield jsonFrame('manifest', { entries });
}

/** COPY hands over a row at a time: many small ones make one frame, a large one many. */
async function* gather(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    held.push(chunk);
    size += chunk.length;
    if (size < dataBytes) continue;
    yield* inFrames(Buffer.concat(held));
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}

function* inFrames(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += largestData) yield bytes.subarray(at, at + largestData);
}

const createMeter = () => {
  const hash = createHash('sha256');
  let bytes = 0;
  let lines = 0;
  return {
    add: (chunk: Buffer): void => {
      hash.update(chunk);
      bytes += chunk.length;
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
    },
    end: (): Closing => ({ bytes, lines, sha256: hash.digest('hex') }),
  };
};

/** Takes an entry's content, in chunks. */
export type TakeEntry = (entry: Entry, content: AsyncIterable<Buffer>) => Promise<void>;

export interface FrameHandlers {
  readonly onContents: (contents: Contents) => Promise<void> | void;
  readonly onEntry: TakeEntry;
  /** After an entry's content was found to be what was written. */
  readonly onClosed?: (entry: Entry, closing: Closing) => Promise<void> | void;
}

/** Reads what `toFrames` wrote, checks every checksum, and throws a refusal for anything that is not whole. */
export const readFrames = async (
  source: AsyncIterable<Buffer>,
  file: string,
  { onContents, onEntry, onClosed }: FrameHandlers,
): Promise<void> => {
  const frames = parseFrames(source, file);
  const next = async (): Promise<{ type: FrameType; content: Buffer }> => {
    const { done, value } = await frames.next();
    if (done) throw isCutShort(file);
    return value;
  };
  const readJson = <T>(schema: { parse(value: unknown): T }, content: Buffer): T => {
    try {
      return schema.parse(JSON.parse(content.toString('utf8')));
    } catch (error) {
      throw isDamaged(file, error);
    }
  };

  const first = await next();
  if (first.type !== 'contents') throw isDamaged(file);
  const contents = readJson(contentsSchema, first.content);
  await onContents(contents);
  const seen: (Closing & { name: string })[] = [];
  for (const entry of contents.entries) {
    const meter = createMeter();
    let closing: Closing | null = null;
    const content = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        const { type, content: bytes } = await next();
        if (type === 'closing') {
          closing = readJson(closingSchema, bytes);
          return;
        }
        if (type !== 'data') throw isDamaged(file);
        meter.add(bytes);
        yield bytes;
      }
    };
    await onEntry(entry, content());
    const counted = meter.end();
    if (!isSame(closing, counted)) throw isDamaged(file);
    seen.push({ name: entry.name, ...counted });
    await onClosed?.(entry, counted);
  }
  const last = await next();
  if (last.type !== 'manifest') throw isDamaged(file);
  const { entries } = readJson(manifestSchema, last.content);
  if (entries.length !== seen.length || !entries.every((entry, index) => isSame(entry, seen[index] ?? null))) {
    throw isDamaged(file);
  }
  if (!(await frames.next()).done) throw isDamaged(file);
};

const isSame = (one: Closing | null, other: Closing | null): boolean =>
  one?.bytes === other?.bytes && one?.lines === other?.lines && one?.sha256 === other?.sha256;

async function* parseFrames(
  source: AsyncIterable<Buffer>,
  file: string,
): AsyncGenerator<{ type: FrameType; content: Buffer }, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of source) {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 5) {
      const type = names.get(rest.readUInt8(0));
      const length = rest.readUInt32BE(1);
      if (!type || length > longestFrame) throw isDamaged(file);
      if (rest.length < 5 + length) break;
      yield { type, content: rest.subarray(5, 5 + length) };
      rest = rest.subarray(5 + length);
    }
  }
  if (rest.length > 0) throw isCutShort(file);
  return undefined;
}
