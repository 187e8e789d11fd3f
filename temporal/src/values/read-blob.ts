import { type Database, tables, withOrg } from '@everwave/schema/db';
import { and, eq, isNotNull } from 'drizzle-orm';
import { additionalData } from '../encryption/additional-data.ts';
import type { KeyRing } from '../encryption/key-ring.ts';

const { blobParts, blobs } = tables;

/** Bytes of a value in one row. */
export const partBytes = 1_048_576;

export interface Blob {
  readonly bytes: number;
  readonly mediaType: string;
  /** The value's parts in order, opened one at a time. To be read once. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** A value that an org keeps outside of its runs' histories; null when it has none of this name. */
export const readBlob = async (db: Database, ring: KeyRing, orgId: string, sha256: string): Promise<Blob | null> => {
  const [row] = await withOrg(db, orgId, (tx) =>
    tx
      .select({ bytes: blobs.bytes, mediaType: blobs.mediaType })
      .from(blobs)
      .where(and(eq(blobs.orgId, orgId), eq(blobs.sha256, sha256), isNotNull(blobs.completedAt))),
  );
  if (!row) return null;
  return { ...row, content: openParts(db, ring, { orgId, sha256, bytes: row.bytes }) };
};

/** The parts of a value, also of one that is not complete. */
export async function* openParts(
  db: Database,
  ring: KeyRing,
  { orgId, sha256, bytes }: { readonly orgId: string; readonly sha256: string; readonly bytes: number },
): AsyncIterable<Uint8Array> {
  for (let part = 0; part * partBytes < bytes; part += 1) {
    const [row] = await withOrg(db, orgId, (tx) =>
      tx
        .select({ sealed: blobParts.sealed })
        .from(blobParts)
        .where(and(eq(blobParts.orgId, orgId), eq(blobParts.sha256, sha256), eq(blobParts.part, part))),
    );
    if (!row) throw new Error(`Part ${part} of the value ${sha256} is missing. Restore blob_parts from a backup.`);
    yield await ring.open(orgId, row.sealed, additionalData.blobPart(orgId, sha256, part));
  }
}

/** The whole value in memory. */
export const collectBlob = async ({ bytes, content }: Blob): Promise<Buffer> => {
  const whole = Buffer.allocUnsafe(bytes);
  let at = 0;
  for await (const part of content) {
    whole.set(part, at);
    at += part.length;
  }
  if (at !== bytes) throw new Error(`A stored value has ${at} bytes; it should have ${bytes}.`);
  return whole;
};
