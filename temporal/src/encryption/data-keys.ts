import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { type Database, tables, type Transaction, withOrg, withSystem } from '@everwave/schema/db';
import { and, desc, eq, ne } from 'drizzle-orm';
import { decrypt, encrypt, keyBytes } from './aes-gcm.ts';
import type { MasterKey, MasterKeys } from './master-keys.ts';

const { orgKeys } = tables;

/** One version of an org's data key, unwrapped. */
export interface DataKey {
  readonly version: number;
  readonly key: KeyObject;
}

const wrapBinding = (orgId: string, version: number): Buffer =>
  Buffer.from(`org_keys.wrapped_key:${orgId}:${version}`, 'utf8');

type WrappedKey = Pick<typeof orgKeys.$inferSelect, 'orgId' | 'version' | 'masterKeyId' | 'wrappedKey'>;

const unwrap = (masterKeys: MasterKeys, row: WrappedKey): DataKey => {
  const master = [masterKeys.current, ...masterKeys.previous].find(({ id }) => id === row.masterKeyId);
  if (!master) {
    throw new Error(
      `The data key of ${row.orgId} is wrapped by master key ${row.masterKeyId}, which is not configured. Put that key back into EVERWAVE_SECRET_KEY, or list it in EVERWAVE_SECRET_KEYS_PREVIOUS.`,
    );
  }
  const bytes = decrypt(master.key, row.wrappedKey, wrapBinding(row.orgId, row.version));
  if (!bytes) {
    throw new Error(
      `The data key of ${row.orgId}, version ${row.version}, does not open: its row in org_keys was changed. Restore that row from a backup.`,
    );
  }
  return { version: row.version, key: createSecretKey(bytes) };
};

const wrap = (master: MasterKey, orgId: string, version: number, bytes: Uint8Array): WrappedKey => ({
  orgId,
  version,
  masterKeyId: master.id,
  wrappedKey: encrypt(master.key, bytes, wrapBinding(orgId, version)),
});

const newestRow = async (tx: Transaction, orgId: string): Promise<WrappedKey | undefined> => {
  const rows = await tx.select().from(orgKeys).where(eq(orgKeys.orgId, orgId)).orderBy(desc(orgKeys.version)).limit(1);
  return rows[0];
};

/** The newest data key of an org, created on first use. Two processes that create at once end with the same key. */
export const currentDataKey = (db: Database, masterKeys: MasterKeys, orgId: string): Promise<DataKey> =>
  withOrg(db, orgId, async (tx) => {
    const found = await newestRow(tx, orgId);
    if (found) return unwrap(masterKeys, found);
    await insertKey(tx, masterKeys, orgId, 1);
    const created = await newestRow(tx, orgId);
    if (!created) throw new Error(`The data key of ${orgId} was not stored. Does the org exist?`);
    return unwrap(masterKeys, created);
  });

/** Returns null when the org never had this version. */
export const findDataKey = (
  db: Database,
  masterKeys: MasterKeys,
  orgId: string,
  version: number,
): Promise<DataKey | null> =>
  withOrg(db, orgId, async (tx) => {
    const [row] = await tx
      .select()
      .from(orgKeys)
      .where(and(eq(orgKeys.orgId, orgId), eq(orgKeys.version, version)));
    return row ? unwrap(masterKeys, row) : null;
  });

/** Adds a data key that seals from now on; values sealed with earlier ones still open. */
export const addDataKey = (db: Database, masterKeys: MasterKeys, orgId: string): Promise<DataKey> =>
  withOrg(db, orgId, async (tx) => {
    const newest = await newestRow(tx, orgId);
    const version = (newest?.version ?? 0) + 1;
    await insertKey(tx, masterKeys, orgId, version);
    await tx
      .update(orgKeys)
      .set({ retiredAt: new Date() })
      .where(and(eq(orgKeys.orgId, orgId), ne(orgKeys.version, version)));
    const created = await newestRow(tx, orgId);
    if (!created) throw new Error(`The new data key of ${orgId} was not stored.`);
    return unwrap(masterKeys, created);
  });

const insertKey = async (tx: Transaction, masterKeys: MasterKeys, orgId: string, version: number): Promise<void> => {
  await tx
    .insert(orgKeys)
    .values(wrap(masterKeys.current, orgId, version, randomBytes(keyBytes)))
    .onConflictDoNothing();
};

/**
 * Wraps every data key with the current master key, so that the previous ones can be taken out of the settings. All or
 * nothing, and repeatable. Returns how many rows it changed.
 */
export const rewrapDataKeys = (db: Database, masterKeys: MasterKeys): Promise<number> =>
  withSystem(db, async (tx) => {
    const rows = await tx.select().from(orgKeys).where(ne(orgKeys.masterKeyId, masterKeys.current.id)).for('update');
    for (const row of rows) {
      const { key } = unwrap(masterKeys, row);
      const { masterKeyId, wrappedKey } = wrap(masterKeys.current, row.orgId, row.version, key.export());
      await tx
        .update(orgKeys)
        .set({ masterKeyId, wrappedKey })
        .where(and(eq(orgKeys.orgId, row.orgId), eq(orgKeys.version, row.version)));
    }
    return rows.length;
  });
