import type { ValueStore } from '@everwave/activities/worker';
import type { Database } from '@everwave/schema/db';
import type { KeyRing } from '@everwave/temporal/encryption';
import { adoptBlob, collectBlob, keepBlob, readBlob } from '@everwave/temporal/values';

/** Large values in Postgres, sealed, in parts of 1 MiB. */
export const createValueStore = (db: Database, ring: KeyRing): ValueStore => ({
  keep: (use, json) => keepBlob(db, ring, use, { content: json, mediaType: 'application/json' }),
  adopt: (use, sha256) => adoptBlob(db, use, sha256),
  find: async (orgId, sha256) => {
    const blob = await readBlob(db, ring, orgId, sha256);
    return blob && collectBlob(blob);
  },
});
