import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { decrypt, encrypt } from './aes-gcm.ts';
import { BrokenSeal } from './key-ring.ts';
import type { MasterKey, MasterKeys } from './master-keys.ts';

/**
 * Seals what belongs to a person or to the installation, which no org's data key fits. The key is derived from the master
 * key; its id stands before the sealed bytes, so that values outlive a rotation as long as the earlier key is configured.
 */
export interface SystemSeal {
  seal(text: string, additionalData: string): Uint8Array;
  /** Throws a `BrokenSeal`. */
  open(sealed: Uint8Array, additionalData: string): string;
}

/** Bytes of the master key's id, in front of what is sealed. */
export const keyIdBytes = 8;

export const createSystemSeal = ({ current, previous }: MasterKeys): SystemSeal => {
  const keys = new Map([current, ...previous].map((master) => [master.id, derive(master)]));
  const own = derive(current);
  return {
    seal: (text, additionalData) =>
      Buffer.concat([Buffer.from(current.id, 'hex'), encrypt(own, Buffer.from(text, 'utf8'), bind(additionalData))]),
    open: (sealed, additionalData) => {
      const key = keys.get(Buffer.from(sealed.subarray(0, keyIdBytes)).toString('hex'));
      const bytes = key && decrypt(key, sealed.subarray(keyIdBytes), bind(additionalData));
      if (!bytes) {
        throw new BrokenSeal(
          `The sealed value ${additionalData} does not open: it was changed, belongs to another row, or was sealed with a master key that is not configured.`,
        );
      }
      return bytes.toString('utf8');
    },
  };
};

const bind = (additionalData: string): Buffer => Buffer.from(additionalData, 'utf8');

const derive = ({ key }: MasterKey): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', key.export(), '', 'everwave system values', 32)));
