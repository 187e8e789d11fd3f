import type { Connection, ConnectionStore } from '@everwave/activities/worker';
import { type Database, inOrg, type tables } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { shareReads } from './share-reads.ts';

type Row = Pick<typeof tables.connections.$inferSelect, 'id' | 'kind' | 'name' | 'settings'> & {
  readonly secret_sealed: Uint8Array;
};

/** Connections of the product's database, with their secrets opened. */
export const createConnectionStore = (db: Database, ring: KeyRing): ConnectionStore => {
  const find = shareReads(async (orgId: string, connectionId: string): Promise<Connection | null> => {
    const [row] = await inOrg(
      db,
      orgId,
      (sql) => sql<Row[]>`
        select id, kind, name, settings, secret_sealed from connections
        where org_id = ${orgId} and id = ${connectionId}`,
    );
    if (!row) return null;
    const secret = await ring.openJson<Connection['secret']>(
      orgId,
      row.secret_sealed,
      additionalData.connectionSecret(orgId, connectionId),
    );
    return { id: row.id, kind: row.kind, name: row.name, settings: row.settings, secret };
  });
  // A copy for each: what one step does to its connection is nothing to another.
  return { find: async (orgId, connectionId) => structuredClone(await find(orgId, connectionId)) };
};
