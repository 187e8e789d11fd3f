import { type Database, tables, withSystem } from '@everwave/schema/db';
import { notInArray } from 'drizzle-orm';
import { decrypt, encrypt } from './aes-gcm.ts';
import type { MasterKey, MasterKeys } from './master-keys.ts';

const { keyChecks, orgKeys } = tables;

const knownValue = Buffer.from('everwave', 'utf8');
const binding = ({ id }: MasterKey): Buffer => Buffer.from(`key_checks.sealed:${id}`, 'utf8');

/**
 * Refuses to go on with a master key that cannot open this database. The first key a database sees is recorded; a new
 * one is accepted when the key it replaces is configured as a previous key. Throws one sentence for the person who starts.
 */
export const checkMasterKey = (db: Database, masterKeys: MasterKeys): Promise<void> =>
  withSystem(db, async (tx) => {
    const configured = [masterKeys.current, ...masterKeys.previous];
    const checks = await tx.select().from(keyChecks);
    for (const check of checks) {
      const master = configured.find(({ id }) => id === check.masterKeyId);
      if (master && !decrypt(master.key, check.sealed, binding(master))?.equals(knownValue)) {
        throw new Error(
          `The check value of master key ${master.id} does not open: the table key_checks was changed. Restore it from a backup.`,
        );
      }
    }

    const ids = configured.map(({ id }) => id);
    const [strange] = await tx
      .select({ id: orgKeys.masterKeyId })
      .from(orgKeys)
      .where(notInArray(orgKeys.masterKeyId, ids))
      .limit(1);
    const known = checks.some((check) => ids.includes(check.masterKeyId));
    const missing = strange?.id ?? (checks.length > 0 && !known ? checks[0]?.masterKeyId : undefined);
    if (missing) {
      throw new Error(
        `This database is encrypted with master key ${missing}, but the configured key is ${masterKeys.current.id}. Set EVERWAVE_SECRET_KEY (or its file) back to the old key, or list the old key in EVERWAVE_SECRET_KEYS_PREVIOUS to rotate.`,
      );
    }

    await tx
      .insert(keyChecks)
      .values({
        masterKeyId: masterKeys.current.id,
        sealed: encrypt(masterKeys.current.key, knownValue, binding(masterKeys.current)),
      })
      .onConflictDoNothing();
  });
