import type { KeyObject } from 'node:crypto';
import { decrypt, encrypt, nonceBytes, tagBytes } from './aes-gcm.ts';

// format (1 byte) | data key version (4 bytes, big endian) | nonce (12) | ciphertext | tag (16)
const format = 1;
const headerBytes = 5;
const overhead = headerBytes + nonceBytes + tagBytes;

export interface Envelope {
  /** Version of the org's data key that sealed it. */
  readonly keyVersion: number;
  readonly header: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Returns null when the bytes cannot be an envelope of ours. */
export const parseEnvelope = (bytes: Uint8Array): Envelope | null => {
  if (bytes.length < overhead || bytes[0] !== format) return null;
  const header = bytes.subarray(0, headerBytes);
  const keyVersion = new DataView(header.buffer, header.byteOffset, headerBytes).getUint32(1);
  return { keyVersion, header, sealed: bytes.subarray(headerBytes) };
};

/** Version of the data key that sealed these bytes; 0 when they are no envelope of ours. */
export const keyVersionOf = (bytes: Uint8Array): number => parseEnvelope(bytes)?.keyVersion ?? 0;

/** The header is authenticated too: an envelope cannot be relabelled with another key version. */
export const sealEnvelope = (
  key: KeyObject,
  keyVersion: number,
  plaintext: Uint8Array,
  additionalData: string,
): Buffer => {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(format, 0);
  header.writeUInt32BE(keyVersion, 1);
  return Buffer.concat([header, encrypt(key, plaintext, bind(header, additionalData))]);
};

/** Returns null when the key, the additional data or the bytes are not the ones it was sealed with. */
export const openEnvelope = (key: KeyObject, envelope: Envelope, additionalData: string): Buffer | null =>
  decrypt(key, envelope.sealed, bind(envelope.header, additionalData));

const bind = (header: Uint8Array, additionalData: string): Buffer =>
  Buffer.concat([header, Buffer.from(additionalData, 'utf8')]);
