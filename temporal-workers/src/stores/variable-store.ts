import type { VariableStore } from '@everwave/activities/worker';
import { type Database, inOrg } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { shareReads } from './share-reads.ts';

/** Variables of the product's database, opened. */
export const createVariableStore = (db: Database, ring: KeyRing): VariableStore => ({
  find: shareReads(async (orgId: string, name: string): Promise<Json | undefined> => {
    const [row] = await inOrg(
      db,
      orgId,
      (sql) => sql<{ readonly value_sealed: Uint8Array }[]>`
        select value_sealed from variables where org_id = ${orgId} and name = ${name}`,
    );
    return row && ring.openJson<Json>(orgId, row.value_sealed, additionalData.variableValue(orgId, name));
  }),
});
