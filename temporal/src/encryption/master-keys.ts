import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { keyBytes } from './aes-gcm.ts';

/** Wraps the data keys of all orgs. Lives in the environment or in a file, never in the database. */
export interface MasterKey {
  /** Derived from the key: 16 hexadecimal digits that say which key it is without telling anything else about it. */
  readonly id: string;
  readonly key: KeyObject;
}

export interface MasterKeys {
  /** Wraps every new data key. */
  readonly current: MasterKey;
  /** Still unwrap: keys that are being rotated out. */
  readonly previous: readonly MasterKey[];
}

export interface MasterKeySettings {
  /** `EVERWAVE_SECRET_KEY`: base64 of 32 bytes. Wins over the file. */
  readonly secretKey?: string | undefined;
  /** `EVERWAVE_SECRET_KEY_FILE`: path of a file that holds the same base64 text. */
  readonly secretKeyFile?: string | undefined;
  /** `EVERWAVE_SECRET_KEYS_PREVIOUS`: base64 keys of earlier times. */
  readonly previous?: readonly string[] | undefined;
}

/** A new master key, as `EVERWAVE_SECRET_KEY` wants it. */
export const createMasterKeyText = (): string => randomBytes(keyBytes).toString('base64');

/** `source` names the setting in the error: the text itself is never repeated. */
export const parseMasterKey = (text: string, source: string): MasterKey => {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed);
  if (!isBase64 || bytes.length !== keyBytes) {
    throw new Error(
      `${source} must be base64 of exactly ${keyBytes} bytes. Make a key with: openssl rand -base64 ${keyBytes}`,
    );
  }
  const id = Buffer.from(hkdfSync('sha256', bytes, '', 'everwave master key id', 8)).toString('hex');
  return { id, key: createSecretKey(bytes) };
};

/** Throws one sentence that names the setting to correct. */
export const loadMasterKeys = ({ secretKey, secretKeyFile, previous = [] }: MasterKeySettings): MasterKeys => ({
  current: loadCurrent(secretKey, secretKeyFile),
  previous: previous
    .filter((text) => text.trim() !== '')
    .map((text, index) => parseMasterKey(text, `EVERWAVE_SECRET_KEYS_PREVIOUS, entry ${index + 1},`)),
});

const loadCurrent = (secretKey: string | undefined, file: string | undefined): MasterKey => {
  if (secretKey) return parseMasterKey(secretKey, 'EVERWAVE_SECRET_KEY');
  if (!file) {
    throw new Error('No master key: set EVERWAVE_SECRET_KEY (base64 of 32 bytes) or EVERWAVE_SECRET_KEY_FILE.');
  }
  if (!existsSync(file)) {
    throw new Error(
      `The master key file ${file} does not exist. Restore it from your backup; without it nothing encrypted can be read.`,
    );
  }
  return parseMasterKey(readFileSync(file, 'utf8'), `The master key file ${file}`);
};
