import { createHash } from 'node:crypto';
import { type Database, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { additionalData } from '../encryption/additional-data.ts';
import type { KeyRing } from '../encryption/key-ring.ts';
import { partBytes } from './read-blob.ts';

const { blobParts, blobs, blobUses } = tables;

/** What a value belongs to: a step of a run has one of each name. */
export interface BlobUse {
  readonly orgId: string;
  readonly runId: string;
  readonly path: string;
  readonly ordinal: number;
  readonly name: string;
  /** Where the value is a file that the step made: what is said of it, sealed. */
  readonly fileSealed?: Uint8Array;
}

/** Parts that are sealed and written together. */
export const partsAtOnce = 8;

/**
 * Stores a value, once per org, and notes which step has it; the step's earlier value of that name is no longer its own.
 * What a process leaves unfinished when it dies is no value yet: whoever keeps the same one finishes it, or it is removed.
 * Returns the value's name.
 */
export const keepBlob = async (
  db: Database,
  ring: KeyRing,
  use: BlobUse,
  { content, mediaType }: { readonly content: Uint8Array; readonly mediaType: string },
): Promise<string> => {
  const { orgId } = use;
  const sha256 = createHash('sha256').update(content).digest('hex');
  const isComplete = await beginBlob(db, { orgId, sha256, bytes: content.length, mediaType });
  if (!isComplete) await writeParts(db, ring, { orgId, sha256 }, slicesOf(content));
  await completeBlob(db, { orgId, sha256 }, [use]);
  return sha256;
};

/** All parts are stored: from here on the value can be read, by those who have it. */
export const completeBlob = (
  db: Database,
  { orgId, sha256 }: { readonly orgId: string; readonly sha256: string },
  uses: readonly BlobUse[],
): Promise<void> =>
  withOrg(db, orgId, async (tx) => {
    const now = new Date();
    await tx
      .update(blobs)
      .set({ completedAt: sql`coalesce(${blobs.completedAt}, ${now.toISOString()}::timestamptz)`, lastUsedAt: now })
      .where(and(eq(blobs.orgId, orgId), eq(blobs.sha256, sha256)));
    for (const use of uses) await noteUse(tx, use, { sha256, now });
  });

/** A value that is stored belongs to this step too. False when the org has no such value. */
export const adoptBlob = (db: Database, use: BlobUse, sha256: string): Promise<boolean> =>
  withOrg(db, use.orgId, async (tx) => {
    const now = new Date();
    const [row] = await tx
      .update(blobs)
      .set({ lastUsedAt: now })
      .where(and(eq(blobs.orgId, use.orgId), eq(blobs.sha256, sha256), isNotNull(blobs.completedAt)))
      .returning({ sha256: blobs.sha256 });
    if (row) await noteUse(tx, use, { sha256, now });
    return row !== undefined;
  });

const noteUse = async (
  tx: Transaction,
  use: BlobUse,
  { sha256, now }: { readonly sha256: string; readonly now: Date },
): Promise<void> => {
  await tx
    .insert(blobUses)
    .values({ ...use, sha256 })
    .onConflictDoUpdate({
      target: [blobUses.orgId, blobUses.runId, blobUses.path, blobUses.ordinal, blobUses.name],
      set: { sha256, fileSealed: use.fileSealed ?? null, createdAt: now },
    });
};

/** What a run keeps of its own, another one keeps as well: a fork that begins with what stood there. */
export const shareBlobs = (
  db: Database,
  orgId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> =>
  withOrg(db, orgId, async (tx) => {
    const { path, ordinal, name, sha256, fileSealed } = blobUses;
    await tx
      .insert(blobUses)
      .select(
        tx
          .select({
            orgId: blobUses.orgId,
            runId: sql<string>`${to}`.as('run_id'),
            path,
            ordinal,
            name,
            sha256,
            fileSealed,
            createdAt: sql<Date>`now()`.as('created_at'),
          })
          .from(blobUses)
          .where(and(eq(blobUses.orgId, orgId), eq(blobUses.runId, from))),
      )
      .onConflictDoNothing();
  });

/** The value's row. From here on it counts as just used, so that nobody removes it meanwhile. True when all of it is there. */
export const beginBlob = (
  db: Database,
  blob: { readonly orgId: string; readonly sha256: string; readonly bytes: number; readonly mediaType: string },
): Promise<boolean> =>
  withOrg(db, blob.orgId, async (tx) => {
    const [row] = await tx
      .insert(blobs)
      .values(blob)
      .onConflictDoUpdate({ target: [blobs.orgId, blobs.sha256], set: { lastUsedAt: new Date() } })
      .returning({ completedAt: blobs.completedAt });
    return row?.completedAt != null;
  });

/** Sealed outside of any transaction: that may fetch a key on a connection of its own. */
export const writeParts = async (
  db: Database,
  ring: KeyRing,
  { orgId, sha256 }: { readonly orgId: string; readonly sha256: string },
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> => {
  let part = 0;
  let rows: (typeof blobParts.$inferInsert)[] = [];
  const write = async (): Promise<void> => {
    const batch = rows;
    rows = [];
    await withOrg(db, orgId, (tx) => tx.insert(blobParts).values(batch).onConflictDoNothing());
  };
  for await (const bytes of parts) {
    rows.push({
      orgId,
      sha256,
      part,
      sealed: await ring.seal(orgId, bytes, additionalData.blobPart(orgId, sha256, part)),
    });
    part += 1;
    if (rows.length === partsAtOnce) await write();
  }
  if (rows.length > 0) await write();
};

function* slicesOf(content: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < content.length; at += partBytes) yield content.subarray(at, at + partBytes);
}
