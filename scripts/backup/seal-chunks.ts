import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Refusal } from '../lib/refusal.ts';

// u32: length of the sealed chunk, its highest bit set on the last one | ciphertext | tag (16). The nonce is the chunk's number
// and the last one is marked under the seal, so that chunks can be neither exchanged nor left out at the end.
const chunkBytes = 64 * 1024;
const lastBit = 0x8000_0000;
const tagBytes = 16;

const nonceOf = (index: number): Buffer => {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 4);
  return nonce;
};

const bind = (digest: Buffer, isLast: boolean): Buffer => Buffer.concat([digest, Buffer.from([isLast ? 1 : 0])]);

const sealChunk = (key: Buffer, digest: Buffer, index: number, plain: Buffer, isLast: boolean): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index));
  cipher.setAAD(bind(digest, isLast));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE((sealed.length | (isLast ? lastBit : 0)) >>> 0);
  return Buffer.concat([length, sealed]);
};

/** Encrypts a stream in chunks, under a key that is used for this stream alone. */
export const sealChunks = (key: Buffer, digest: Buffer) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let held: Buffer[] = [];
    let size = 0;
    let index = 0;
    for await (const bytes of source) {
      held.push(bytes);
      size += bytes.length;
      if (size <= chunkBytes) continue;
      let rest = Buffer.concat(held);
      for (; rest.length > chunkBytes; rest = rest.subarray(chunkBytes)) {
        yield sealChunk(key, digest, index, rest.subarray(0, chunkBytes), false);
        index += 1;
      }
      held = [rest];
      size = rest.length;
    }
    yield sealChunk(key, digest, index, Buffer.concat(held), true);
  };

/** Decrypts what `sealChunks` wrote. Throws a refusal when anything of it is changed or missing. */
export const openChunks = (key: Buffer, digest: Buffer, file: string) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let rest: Buffer = Buffer.alloc(0);
    let index = 0;
    let ended = false;
    for await (const bytes of source) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      while (rest.length >= 4) {
        const word = rest.readUInt32BE();
        const isLast = (word & lastBit) !== 0;
        const length = (word & ~lastBit) >>> 0;
        if (ended || length < tagBytes || length > chunkBytes + tagBytes) throw isDamaged(file);
        if (rest.length < 4 + length) break;
        yield openChunk(key, digest, index, rest.subarray(4, 4 + length), isLast, file);
        rest = rest.subarray(4 + length);
        index += 1;
        ended = isLast;
      }
    }
    if (!ended || rest.length > 0) throw isCutShort(file);
  };

const openChunk = (
  key: Buffer,
  digest: Buffer,
  index: number,
  sealed: Buffer,
  isLast: boolean,
  file: string,
): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index), { authTagLength: tagBytes });
  decipher.setAAD(bind(digest, isLast));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch (error) {
    throw isDamaged(file, error);
  }
};

export const isDamaged = (file: string, cause?: unknown): Refusal =>
  new Refusal(
    `${file} is damaged: a part of it does not match its checksum. Nothing was changed; take another backup.`,
    {
      cause,
    },
  );

export const isCutShort = (file: string, cause?: unknown): Refusal =>
  new Refusal(
    `${file} ends too early: it was not written or copied to its end. Nothing was changed; take another backup.`,
    { cause },
  );
