import { createHash, randomUUID } from 'node:crypto';
import { type Database, tables, withOrg } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { additionalData } from '../encryption/additional-data.ts';
import type { KeyRing } from '../encryption/key-ring.ts';
import { inParts } from './in-parts.ts';
import { beginBlob, type BlobUse, completeBlob, partsAtOnce, writeParts } from './keep-blob.ts';
import { openParts, partBytes } from './read-blob.ts';

const { blobs } = tables;

/** What is said of a file, beside its content. */
export interface FileInfo {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/**
 * Stores a file while it comes, once per org, and notes who has it. At most a few parts are in memory. A small one waits
 * there for its end, since its hash is its name; a large one is stored under a name for now, and sealed anew under its
 * own. What a dead process leaves of that is removed like any value that nobody has.
 */
export const keepFile = async (
  db: Database,
  ring: KeyRing,
  uses: readonly [BlobUse, ...BlobUse[]],
  file: { readonly name: string; readonly mediaType: string; readonly content: AsyncIterable<Uint8Array> },
): Promise<{ readonly sha256: string; readonly bytes: number }> => {
  const { name, mediaType } = file;
  const [{ orgId }] = uses;
  const hash = createHash('sha256');
  let bytes = 0;
  const parts = inParts(counted(), partBytes);
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const piece of file.content) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  const unfinished = `unfinished:${randomUUID()}`;
  let isLarge = false;
  try {
    const beginning = await takeSome(parts);
    isLarge = beginning.length === partsAtOnce;
    if (isLarge) {
      await beginBlob(db, { orgId, sha256: unfinished, bytes: 0, mediaType });
      await writeParts(db, ring, { orgId, sha256: unfinished }, joined(beginning, parts));
    }
    const sha256 = hash.digest('hex');
    const isComplete = await beginBlob(db, { orgId, sha256, bytes, mediaType });
    if (!isComplete) {
      const stored = isLarge ? openParts(db, ring, { orgId, sha256: unfinished, bytes }) : beginning;
      await writeParts(db, ring, { orgId, sha256 }, stored);
    }
    const fileSealed = await sealFileInfo(ring, { orgId, sha256 }, { name, mediaType, bytes });
    await completeBlob(
      db,
      { orgId, sha256 },
      uses.map((use) => ({ ...use, fileSealed })),
    );
    return { sha256, bytes };
  } finally {
    await parts.return();
    if (isLarge) {
      await withOrg(db, orgId, (tx) =>
        tx.delete(blobs).where(and(eq(blobs.orgId, orgId), eq(blobs.sha256, unfinished))),
      );
    }
  }
};

const takeSome = async (parts: AsyncGenerator<Uint8Array, void, undefined>): Promise<readonly Uint8Array[]> => {
  const taken: Uint8Array[] = [];
  while (taken.length < partsAtOnce) {
    const next = await parts.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
};

async function* joined(beginning: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* beginning;
  yield* rest;
}

interface Content {
  readonly orgId: string;
  readonly sha256: string;
}

const sealFileInfo = (ring: KeyRing, { orgId, sha256 }: Content, info: FileInfo): Promise<Uint8Array> =>
  ring.sealJson(orgId, { ...info }, additionalData.fileOfUse(orgId, sha256));

export const openFileInfo = (ring: KeyRing, { orgId, sha256 }: Content, sealed: Uint8Array): Promise<FileInfo> =>
  ring.openJson<FileInfo & { readonly [name: string]: string | number }>(
    orgId,
    sealed,
    additionalData.fileOfUse(orgId, sha256),
  );
