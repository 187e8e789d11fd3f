import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import { Refusal } from '../lib/refusal.ts';

/** Rises when an earlier release could not read what is written. */
export const formatVersion = 1;
const magic = 'EVERWAVE-BACKUP';
const longestHeader = 4096;
const passphraseLength = 12;

const kdfSchema = z.strictObject({
  name: z.literal('scrypt'),
  N: z.int().max(2 ** 20),
  r: z.int().max(32),
  p: z.int().max(16),
  salt: z.base64(),
  /** A known text under the key: tells a wrong passphrase from a damaged file. */
  check: z.base64(),
});

const headerSchema = z.strictObject({
  formatVersion: z.literal(formatVersion),
  /** Release that wrote it. */
  release: z.string(),
  /** Migrations of the database in it. */
  schemaVersion: z.int().min(1),
  /** Moment of the database's snapshot: nothing later is in it. */
  takenAt: z.iso.datetime(),
  /** Whether the master key is inside. */
  holdsKey: z.boolean(),
  /** null: not encrypted. */
  sealed: kdfSchema.nullable(),
});

/** What a file says of itself in plain text. Everything else in it is sealed. */
export type ArchiveHeader = z.infer<typeof headerSchema>;

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
const known = Buffer.from('everwave backup', 'utf8');

/** About 0.4 s and 128 MB: what a guess costs whoever finds the file. */
const cost = { N: 2 ** 17, r: 8, p: 1 } as const;

const keyFrom = (passphrase: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Promise<Buffer> =>
  derive(passphrase.normalize('NFKC'), salt, 32, { N, r, p, maxmem: 256 * N * r });

/** Makes the key of a new file, and what the header has to say of it. */
export const newArchiveKey = async (
  passphrase: string,
): Promise<{ readonly key: Buffer; readonly sealed: NonNullable<ArchiveHeader['sealed']> }> => {
  if (passphrase.length < passphraseLength) {
    throw new Refusal(
      `The passphrase has ${passphrase.length} characters; it protects the key to all your data, so it needs at least ${passphraseLength}.`,
    );
  }
  const salt = randomBytes(16);
  const key = await keyFrom(passphrase, salt, cost);
  return {
    key,
    sealed: { name: 'scrypt', ...cost, salt: salt.toString('base64'), check: sealKnown(key).toString('base64') },
  };
};

/** Throws a refusal when the passphrase is not the one the file was made with. */
export const openArchiveKey = async (
  passphrase: string,
  { salt, check, ...given }: NonNullable<ArchiveHeader['sealed']>,
): Promise<Buffer> => {
  const key = await keyFrom(passphrase, Buffer.from(salt, 'base64'), given);
  if (!opensKnown(key, Buffer.from(check, 'base64'))) {
    throw new Refusal('The passphrase is not the one this backup was made with.');
  }
  return key;
};

// The all-ones nonce: the chunks of the body count from zero and never come near it.
const checkNonce = Buffer.alloc(12, 0xff);

const sealKnown = (key: Buffer): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', key, checkNonce);
  return Buffer.concat([cipher.update(known), cipher.final(), cipher.getAuthTag()]);
};

const opensKnown = (key: Buffer, sealed: Buffer): boolean => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, checkNonce, { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).equals(known);
  } catch {
    return false;
  }
};

/** First lines of a file: magic with the format's version, then the header as JSON. */
export const writeHeader = (header: ArchiveHeader): Buffer =>
  Buffer.from(`${magic} ${formatVersion}\n${JSON.stringify(header)}\n`, 'utf8');

/** Ties each sealed chunk to its header, so that the header cannot be changed. */
export const headerDigest = (header: Buffer): Buffer => createHash('sha256').update(header).digest();

/**
 * Reads the header from the first bytes of a file. Returns null while there are too few of them; throws a refusal when they
 * are no backup of ours, or one of a newer release.
 */
export const parseHeader = (
  bytes: Buffer,
  file: string,
): { readonly header: ArchiveHeader; readonly length: number } | null => {
  const start = bytes.subarray(0, magic.length).toString('latin1');
  if (!magic.startsWith(start) || bytes.length === 0) throw new Refusal(`${file} is not a backup of Everwave.`);
  const first = bytes.indexOf(0x0a);
  const second = first < 0 ? -1 : bytes.indexOf(0x0a, first + 1);
  if (first > 0) refuseNewer(bytes.subarray(0, first).toString('latin1'), file);
  if (second < 0) {
    if (bytes.length > longestHeader) throw damaged(file);
    return null;
  }
  try {
    const header = headerSchema.parse(JSON.parse(bytes.subarray(first + 1, second).toString('utf8')));
    return { header, length: second + 1 };
  } catch (error) {
    throw damaged(file, error);
  }
};

const refuseNewer = (line: string, file: string): void => {
  const version = Number(line.slice(magic.length + 1));
  if (!Number.isInteger(version) || version < 1) throw damaged(file);
  if (version <= formatVersion) return;
  throw new Refusal(
    `${file} was made by a newer Everwave (backup format ${version}, this release reads up to ${formatVersion}). Restore it with the newer release.`,
  );
};

const damaged = (file: string, cause?: unknown): Refusal =>
  new Refusal(`The head of ${file} is damaged, so it cannot be restored. Take another backup.`, { cause });
