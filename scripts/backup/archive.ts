import { createReadStream, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Refusal } from '../lib/refusal.ts';
import {
  type ArchiveHeader,
  formatVersion,
  headerDigest,
  newArchiveKey,
  openArchiveKey,
  parseHeader,
  writeHeader,
} from './archive-header.ts';
import type { Contents } from './archive-contents.ts';
import { type FrameHandlers, type OpenEntry, readFrames, toFrames } from './frames.ts';
import { openChunks, sealChunks } from './seal-chunks.ts';

/** Without a passphrase the chunks are sealed with a key that everyone knows: it hides nothing and finds every change. */
const openKey = Buffer.alloc(32);

export interface WriteArchiveOptions {
  readonly file: string;
  readonly header: Omit<ArchiveHeader, 'formatVersion' | 'sealed' | 'holdsKey'>;
  readonly contents: Contents;
  readonly open: OpenEntry;
  /** null: not encrypted. */
  readonly passphrase: string | null;
}

/** Where a file lies until it is complete. */
export const partialOf = (file: string): string => `${file}.partial`;

/** Writes an archive beside its place and moves it there when it is complete and on disk. Returns its size in bytes. */
export const writeArchive = async (options: WriteArchiveOptions): Promise<number> => {
  const { file, contents, open: openEntry, passphrase } = options;
  const sealing = passphrase === null ? null : await newArchiveKey(passphrase);
  const head = writeHeader({
    formatVersion,
    ...options.header,
    holdsKey: contents.secretKeys.length > 0,
    sealed: sealing?.sealed ?? null,
  });
  const partial = partialOf(file);
  const zstd = createZstdCompress();
  try {
    // Of an earlier try: its rights, or where it leads to, may not be ours.
    rmSync(partial, { force: true });
    const out = (await open(partial, 'wx', 0o600)).createWriteStream({ flush: true });
    out.write(head);
    const frames = Readable.from(toFrames(contents, openEntry), { objectMode: false });
    await pipeline(frames, zstd, sealChunks(sealing?.key ?? openKey, headerDigest(head)), out);
    const { size } = statSync(partial);
    renameSync(partial, file);
    return size;
  } catch (error) {
    rmSync(partial, { force: true });
    throw explainWriteError(error, file);
  }
};

/** A full disk or a folder that cannot be written, in a sentence; anything else as it is. */
export const explainWriteError = (error: unknown, file: string): unknown => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Refusal(
      `There is no space left to write ${file}. What was written of it is removed again. Free some space.`,
      {
        cause: error,
      },
    );
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Refusal(`The folder of ${file} does not exist. Make it first, or name another.`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new Refusal(`${file} cannot be written (${code}). Correct the rights, or name another place.`, {
      cause: error,
    });
  }
  return error;
};

export interface Archive {
  readonly header: ArchiveHeader;
  /** Reads it from its start to its end. Throws a refusal when anything of it is changed, missing, or sealed otherwise. */
  read(handlers: FrameHandlers): Promise<void>;
}

/** Reads the head of a file. `askPassphrase` is called when it is sealed. */
export const openArchive = async (file: string, askPassphrase: () => Promise<string>): Promise<Archive> => {
  const head = await readHead(file);
  const { header, length } = head;
  const key = header.sealed ? await openArchiveKey(await askPassphrase(), header.sealed) : openKey;
  const digest = headerDigest(head.bytes.subarray(0, length));
  return {
    header,
    read: async (handlers) => {
      const source = createReadStream(file, { start: length });
      await pipeline(source, openChunks(key, digest, file), createZstdDecompress(), (chunks: AsyncIterable<Buffer>) =>
        readFrames(chunks, file, handlers),
      );
    },
  };
};

const readHead = async (file: string) => {
  let bytes: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file, { end: 8191 }) as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk]);
    }
  } catch (error) {
    throw new Refusal(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
  const parsed = parseHeader(bytes, file);
  if (!parsed) throw new Refusal(`${file} ends before its head does, so it cannot be restored. Take another backup.`);
  return { ...parsed, bytes };
};
