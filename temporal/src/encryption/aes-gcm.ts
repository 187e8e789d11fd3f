import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

/** Bytes of an AES-256 key. */
export const keyBytes = 32;
/** Bytes of the nonce: 96 bits, random for each message. */
export const nonceBytes = 12;
/** Bytes of the authentication tag. */
export const tagBytes = 16;

/** `nonce | ciphertext | tag`. The additional data is authenticated, not stored: whoever opens must name the same. */
export const encrypt = (key: KeyObject, plaintext: Uint8Array, additionalData: Uint8Array): Buffer => {
  const nonce = randomBytes(nonceBytes);
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
