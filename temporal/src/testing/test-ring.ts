import { randomBytes } from 'node:crypto';
import { createDatabase, type Database, tables, withSystem } from '@everwave/schema/db';
import { createTestDatabase } from '../../../scripts/testing/test-database.ts';
import { createKeyRing, createMasterKeyText, type KeyRing, loadMasterKeys } from '../encryption/index.ts';

export interface TestRing {
  readonly ring: KeyRing;
  readonly db: Database;
  /** A new org, which has no data key yet. */
  anOrg(): Promise<string>;
  close(): Promise<void>;
}

/** A key ring over a real database of its own. */
export const createTestRing = async (): Promise<TestRing> => {
  const database = await createTestDatabase();
  const db = createDatabase({ url: database.url, applicationName: 'key-ring-test' });
  const masterKeys = loadMasterKeys({ secretKey: createMasterKeyText() });
  return {
    ring: createKeyRing({ db, masterKeys }),
    db,
    anOrg: async () => {
      const id = `org_${randomBytes(16).toString('hex')}`;
      await withSystem(db, (tx) =>
        tx.insert(tables.organizations).values({ id, name: id, slug: id, createdAt: new Date() }),
      );
      return id;
    },
    close: async () => {
      await db.$client.end();
      await database.close();
    },
  };
};
