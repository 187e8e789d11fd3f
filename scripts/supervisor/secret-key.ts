import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMasterKeyText } from '@everwave/temporal/encryption';
import { Refusal } from '../lib/refusal.ts';

export const secretKeyFile = (dataFolder: string): string => join(dataFolder, 'secret-key');

/**
 * The key that encrypts everything a person could read in our tables. Made once, readable by its owner alone. A data folder
 * with a database and without its key is refused: a new key would open nothing of it.
 */
export const ensureSecretKey = (dataFolder: string, hasData: boolean): string => {
  const file = secretKeyFile(dataFolder);
  if (existsSync(file)) {
    chmodSync(file, 0o600);
    return file;
  }
  if (hasData) {
    throw new Refusal(
      `The key file ${file} is missing, and the data beside it can be read with that key only. Restore it from your backup, or set EVERWAVE_SECRET_KEY.`,
    );
  }
  writeFileSync(file, `${createMasterKeyText()}\n`, { mode: 0o600 });
  return file;
};
