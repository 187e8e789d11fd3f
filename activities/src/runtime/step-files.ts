import { type FileValue, fileLimits, toFileName, toMediaType } from '@everwave/schema/flow';
import type { ActivityInput } from '@everwave/schema/run';
import { CommonFailure } from './node-errors.ts';
import type { FileStore } from './ports.ts';
import type { TimeLimit } from './time-limit.ts';
import { untilAvailable } from './until-available.ts';

/** Files in a node's code: what it hands on is a value, its content is stored. */
export interface StepFiles {
  /** Stores a file of up to 256 MiB, from memory or as it comes, and gives the value that stands for it. */
  create(
    file: { readonly name: string; readonly mediaType: string | null },
    content: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<FileValue>;
  /** Opens a file of this run. What it gives is to be read once. */
  open(
    file: Pick<FileValue, 'name' | 'sha256'>,
  ): Promise<{ readonly bytes: number; readonly content: AsyncIterable<Uint8Array> }>;
}

export const createStepFiles = (
  files: FileStore,
  { orgId, runId, outermostRunId = runId, path, ordinal }: ActivityInput,
  limit: TimeLimit,
): StepFiles => {
  const user = { orgId, runId, outermostRunId, path, ordinal };
  let made = 0;
  return {
    async create(proposed, content) {
      limit.check();
      const file = { name: toFileName(proposed.name), mediaType: toMediaType(proposed.mediaType) };
      made += 1;
      // The first file of a later attempt takes the place of this one's first.
      const use = { ...user, name: `file:${made}` };
      if (content instanceof Uint8Array) {
        const keep = () => files.keep(use, file, within(file.name, piecesOf(content), limit));
        return toValue(file, await untilAvailable(keep, limit.signal));
      }
      const source = watched(within(file.name, content, limit));
      const kept = await files.keep(use, file, source.content).catch((error: unknown) => {
        throw source.failure() ?? error;
      });
      return toValue(file, kept);
    },
    async open({ name, sha256 }) {
      limit.check();
      const opened = await files.open(user, sha256);
      if (!opened)
        throw new CommonFailure('file_missing', `This run has no file "${name}" with the content ${sha256}.`);
      return opened;
    },
  };
};

const toValue = (
  file: Pick<FileValue, 'name' | 'mediaType'>,
  { sha256, bytes }: Pick<FileValue, 'sha256' | 'bytes'>,
): FileValue => ({ ref: `blob:${sha256}`, ...file, bytes, sha256 });

/** Tells a failure of the source from one of the store: only of the latter no attempt is spent. */
const watched = (content: AsyncIterable<Uint8Array>) => {
  let failure: unknown;
  async function* pieces(): AsyncIterable<Uint8Array> {
    try {
      yield* content;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { content: pieces(), failure: () => failure };
};

async function* piecesOf(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content;
}

/** Ends with a failure where a file gets too large, and when the attempt ends. */
async function* within(name: string, content: AsyncIterable<Uint8Array>, limit: TimeLimit): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const piece of content) {
    limit.check();
    bytes += piece.length;
    if (bytes > fileLimits.bytes) {
      throw new CommonFailure('file_too_large', `The file "${name}" has more than ${fileLimits.bytes} bytes.`);
    }
    yield piece;
  }
}
