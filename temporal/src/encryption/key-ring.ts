import type { Json } from '@everwave/schema/flow';
import type { Database } from '@everwave/schema/db';
import { addDataKey, currentDataKey, type DataKey, findDataKey } from './data-keys.ts';
import { openEnvelope, parseEnvelope, sealEnvelope } from './envelope.ts';
import type { MasterKeys } from './master-keys.ts';

/** The value was changed, moved from another row, or sealed for another org or with another key. Trying again does not help. */
export class BrokenSeal extends Error {
  override readonly name = 'BrokenSeal';
}

/** Seals and opens values with the data key of their org. `additionalData` binds a value to its row: see `additionalData`. */
export interface KeyRing {
  seal(orgId: string, bytes: Uint8Array, additionalData: string): Promise<Uint8Array>;
  /** Throws a `BrokenSeal`, or another error when the key could not be fetched: that one may pass. */
  open(orgId: string, sealed: Uint8Array, additionalData: string): Promise<Uint8Array>;
  sealJson(orgId: string, value: Json, additionalData: string): Promise<Uint8Array>;
  openJson<T = Json>(orgId: string, sealed: Uint8Array, additionalData: string): Promise<T>;
  /** Seals with a new data key from now on; earlier values still open. Returns its version. */
  rotateDataKey(orgId: string): Promise<number>;
}

export interface KeyRingOptions {
  readonly db: Database;
  readonly masterKeys: MasterKeys;
  /** Milliseconds after which another process's rotation is noticed. Until then this one seals with the older key. */
  readonly refreshAfter?: number;
}

export const createKeyRing = ({ db, masterKeys, refreshAfter = 60_000 }: KeyRingOptions): KeyRing => {
  const current = new Map<string, { readonly loadedAt: number; readonly key: Promise<DataKey> }>();
  const byVersion = new Map<string, DataKey>();

  const remember = (orgId: string, key: DataKey): DataKey => {
    byVersion.set(`${orgId}:${key.version}`, key);
    return key;
  };

  const sealingKey = (orgId: string): Promise<DataKey> => {
    const known = current.get(orgId);
    if (known && Date.now() - known.loadedAt < refreshAfter) return known.key;
    const loading = currentDataKey(db, masterKeys, orgId).then((loaded) => remember(orgId, loaded));
    // While the database is away, a key that is known goes on sealing: what was opened can always be answered.
    const key = known ? loading.catch(() => known.key) : loading;
    key.catch(() => current.delete(orgId));
    current.set(orgId, { loadedAt: Date.now(), key });
    return key;
  };

  const openingKey = async (orgId: string, version: number): Promise<DataKey | null> => {
    const known = byVersion.get(`${orgId}:${version}`);
    if (known) return known;
    const found = await findDataKey(db, masterKeys, orgId, version);
    return found ? remember(orgId, found) : null;
  };

  const seal: KeyRing['seal'] = async (orgId, bytes, additionalData) => {
    const { key, version } = await sealingKey(orgId);
    return sealEnvelope(key, version, bytes, additionalData);
  };

  const open: KeyRing['open'] = async (orgId, sealed, additionalData) => {
    const envelope = parseEnvelope(sealed);
    const dataKey = envelope && (await openingKey(orgId, envelope.keyVersion));
    const bytes = dataKey && openEnvelope(dataKey.key, envelope, additionalData);
    if (!bytes) {
      throw new BrokenSeal(
        `The sealed value ${additionalData} of ${orgId} does not open: it was changed, belongs to another row or org, or was sealed with another key.`,
      );
    }
    return bytes;
  };

  return {
    seal,
    open,
    sealJson: (orgId, value, additionalData) => seal(orgId, Buffer.from(JSON.stringify(value), 'utf8'), additionalData),
    openJson: async <T>(orgId: string, sealed: Uint8Array, additionalData: string) =>
      JSON.parse(Buffer.from(await open(orgId, sealed, additionalData)).toString('utf8')) as T,
    rotateDataKey: async (orgId) => {
      const key = await addDataKey(db, masterKeys, orgId);
      current.set(orgId, { loadedAt: Date.now(), key: Promise.resolve(remember(orgId, key)) });
      return key.version;
    },
  };
};
