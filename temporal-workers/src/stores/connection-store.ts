import type { Connection, ConnectionStore } from '@everwave/activities/worker';
import { type Database, tables, withOrg } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { and, eq } from 'drizzle-orm';

const { connections } = tables;

/** Connections of the product's database, with their secrets opened. */
export const createConnectionStore = (db: Database, ring: KeyRing): ConnectionStore => ({
  find: async (orgId, connectionId) => {
    const [row] = await withOrg(db, orgId, (tx) =>
      tx
        .select()
        .from(connections)
        .where(and(eq(connections.orgId, orgId), eq(connections.id, connectionId))),
    );
    if (!row) return null;
    const secret = await ring.openJson<Connection['secret']>(
      orgId,
      row.secretSealed,
      additionalData.connectionSecret(orgId, connectionId),
    );
    return { id: row.id, kind: row.kind, name: row.name, settings: row.settings, secret };
  },
});
