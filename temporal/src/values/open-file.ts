import { type Database, tables, withOrg } from '@everwave/schema/db';
import { and, eq, inArray } from 'drizzle-orm';
import type { KeyRing } from '../encryption/key-ring.ts';
import { adoptBlob } from './keep-blob.ts';
import { type Blob, readBlob } from './read-blob.ts';

const { blobUses } = tables;

/** A step of a run that opens a file. */
export interface FileReader {
  readonly orgId: string;
  readonly runId: string;
  readonly outermostRunId: string;
  readonly path: string;
  readonly ordinal: number;
}

/**
 * A file of the run, or of a run around it or in it; null for any other. That a value names a content does not give it
 * away: data from outside can look like a file. Whoever opens it has it from then on.
 */
export const openFile = async (
  db: Database,
  ring: KeyRing,
  { orgId, runId, outermostRunId, path, ordinal }: FileReader,
  sha256: string,
): Promise<Blob | null> => {
  const holders = await withOrg(db, orgId, (tx) =>
    tx
      .selectDistinct({ runId: blobUses.runId })
      .from(blobUses)
      .where(
        and(eq(blobUses.orgId, orgId), eq(blobUses.sha256, sha256), inArray(blobUses.runId, [runId, outermostRunId])),
      ),
  );
  if (holders.length === 0) return null;
  const isOwn = holders.some((holder) => holder.runId === runId);
  if (!isOwn) await adoptBlob(db, { orgId, runId, path, ordinal, name: `opened:${sha256}` }, sha256);
  return readBlob(db, ring, orgId, sha256);
};
