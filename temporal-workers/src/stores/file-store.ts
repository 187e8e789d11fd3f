import { type FileStore, StoreUnavailable } from '@everwave/activities/worker';
import { type Database, isDatabaseUnavailable } from '@everwave/schema/db';
import type { KeyRing } from '@everwave/temporal/encryption';
import { keepFile, openFile } from '@everwave/temporal/values';

/**
 * Files in Postgres, stored like large values. A file of a sub-flow is the outermost run's as well: any run in that one
 * may open it, and it stays as long as one of the two does.
 */
export const createFileStore = (db: Database, ring: KeyRing): FileStore => ({
  keep: ({ outermostRunId, ...use }, file, content) =>
    keepFile(
      db,
      ring,
      outermostRunId === use.runId ? [use] : [use, { ...use, runId: outermostRunId, path: `${use.runId}/${use.path}` }],
      { ...file, content },
    ),
  open: async (reader, sha256) => {
    const file = await openFile(db, ring, reader, sha256);
    return file && { bytes: file.bytes, content: orUnavailable(file.content) };
  },
});

async function* orUnavailable(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    throw new StoreUnavailable('The database did not answer.', { cause: error });
  }
}
