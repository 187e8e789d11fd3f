import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';

/** Bytes of an AES-256 key. */
export const keyBytes = 32;
/** Bytes of the nonce: 96 bits, random for each message. */
export const nonceBytes = 12;
/** Bytes of the authentication tag. */
export const tagBytes = 16;

const drawn = new Uint8Array(nonceBytes * 256);
let used = drawn.length;

/** Twelve random bytes that nobody else gets. Drawn for many at a time: the system's answer takes longer than a small message's encryption. */
const nextNonce = (): Uint8Array => {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const nonce = drawn.slice(used, used + nonceBytes);
  used += nonceBytes;
  return nonce;
};

/** `nonce | ciphertext | tag`. The additional data is authenticated, not stored: whoever opens must name the same. */
export const encrypt = (key: KeyObject, plaintext: Uint8Array, additionalData: Uint8Array): Buffer => {
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(additionalData);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
};

/** Returns null when the bytes were changed, or the key or the additional data is another one. */
export const decrypt = (key: KeyObject, sealed: Uint8Array, additionalData: Uint8Array): Buffer | null => {
  if (sealed.length < nonceBytes + tagBytes) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(additionalData);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), decipher.final()]);
  } catch {
    return null;
  }
};
