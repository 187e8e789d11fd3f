import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive, writeArchive } from './archive.ts';
import type { Contents } from './archive-contents.ts';

const passphrase = 'correct horse battery';
const secret = 'canary-7Qm4zLx9Rb2T';
const table: Contents['entries'][number] = { kind: 'table', name: 'runs', columns: ['id'] };
const contents: Contents = {
  migrations: [{ hash: 'a'.repeat(64), createdAt: 1 }],
  masterKeyIds: ['0123456789abcdef'],
  secretKeys: [secret],
  entries: [table, { kind: 'table', name: 'empty', columns: ['id'] }, { kind: 'file', name: 'temporal.db' }],
};
// Neither compresses nor fits into one chunk.
const big = randomBytes(1_500_000);

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

let folder: string;
let sealed: string;
let plain: string;
const write = async (name: string, given: string | null, rows?: Buffer): Promise<string> => {
  const file = join(folder, name);
  await writeArchive({
    file,
    header: { release: '1.2.3', schemaVersion: 1, takenAt: '2026-11-21T12:00:00.000Z' },
    contents,
    passphrase: given,
    open: (entry) =>
      entry.name === 'runs'
        ? inPieces(rows ?? Buffer.from('one\ntwo\n'), rows?.length ?? 3)
        : inPieces(entry.name === 'empty' ? Buffer.alloc(0) : big, 70_001),
  });
  return file;
};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-archive-'));
  sealed = await write('sealed', passphrase);
  plain = await write('plain', null);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = async (file: string, given = passphrase) => {
  const found: Record<string, Buffer> = {};
  const archive = await openArchive(file, () => Promise.resolve(given));
  await archive.read({
    onContents: (told) => expect(told).toEqual(contents),
    onEntry: async (entry, content) => {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      found[entry.name] = Buffer.concat(chunks);
    },
  });
  return { header: archive.header, found };
};

/** A copy of an archive with something done to it. */
const spoilt = (from: string, spoil: (bytes: Buffer) => Buffer): string => {
  const file = join(folder, `spoilt-${randomBytes(4).toString('hex')}`);
  writeFileSync(file, spoil(readFileSync(from)));
  return file;
};

describe.each(['sealed', 'plain'] as const)('a %s archive', (kind) => {
  const file = () => (kind === 'sealed' ? sealed : plain);

  it('gives back what was put in, byte for byte, and its head without a passphrase', async () => {
    const { header, found } = await read(file());
    expect(found['runs']?.toString()).toBe('one\ntwo\n');
    expect(found['empty']).toHaveLength(0);
    expect(found['temporal.db']?.equals(big)).toBe(true);
    expect(header).toMatchObject({ formatVersion: 1, release: '1.2.3', schemaVersion: 1, holdsKey: true });
    expect(readFileSync(file(), 'latin1').slice(0, 200)).toContain('2026-11-21T12:00:00.000Z');
  });

  it('is readable by its owner alone, and leaves nothing beside it', () => {
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file()}.partial`)).toBe(false);
  });

  it('is refused wherever a byte of it was changed', async () => {
    const { size } = statSync(file());
    const places = Array.from({ length: 8 }, (_, index) => Math.floor(((index + 0.5) * size) / 8));
    for (const place of [...places, size - 1]) {
      const changed = spoilt(file(), (bytes) => {
        bytes[place] = (bytes[place] ?? 0) ^ 0x20;
        return bytes;
      });
      await expect(read(changed), `byte ${place}`).rejects.toThrow(/damaged|ends too early/);
    }
  });

  it('is refused wherever it was cut short', async () => {
    const { size } = statSync(file());
    for (const length of [size - 1, size - 100, Math.floor(size / 2), 600]) {
      const cut = join(folder, 'cut');
      copyFileSync(file(), cut);
      truncateSync(cut, length);
      await expect(read(cut), `length ${length}`).rejects.toThrow(/ends too early|damaged|ends before/);
    }
  });
});

it('holds a row of any size', async () => {
  const row = Buffer.alloc(17 * 1024 ** 2, 'x');
  row.write('\n', row.length - 1);
  const file = await write('large', null, row);
  expect((await read(file)).found['runs']?.equals(row)).toBe(true);
});

it('shows nothing of its content to whoever has no passphrase', () => {
  expect(readFileSync(plain, 'latin1')).not.toContain('correct horse');
  const text = readFileSync(sealed, 'latin1');
  for (const word of [secret, 'runs', 'temporal.db', '0123456789abcdef']) expect(text).not.toContain(word);
});

it('tells a wrong passphrase from a damaged file', async () => {
  await expect(read(sealed, 'wrong horse battery')).rejects.toThrow(
    'The passphrase is not the one this backup was made with.',
  );
});

it('refuses a passphrase that is easily guessed', async () => {
  await expect(write('weak', 'secret')).rejects.toThrow('it needs at least 12');
  expect(existsSync(join(folder, 'weak'))).toBe(false);
});

it('does not let its head be exchanged, although that is plain text', async () => {
  const changed = spoilt(sealed, (bytes) => {
    const at = bytes.indexOf('2026-11-21');
    bytes.write('2027-11-21', at);
    return bytes;
  });
  await expect(read(changed)).rejects.toThrow('damaged');
});

it.each([
  ['another file', 'PK\u0003\u0004', 'is not a backup of Everwave'],
  ['an empty file', '', 'is not a backup of Everwave'],
  ['a file of a newer release', 'EVERWAVE-BACKUP 2\n{"later":true}\n', 'was made by a newer Everwave'],
  ['a head that is cut short', 'EVERWAVE-BACKUP 1\n{"form', 'ends before its head does'],
  ['a head that is no JSON', 'EVERWAVE-BACKUP 1\n{form}\n', 'damaged'],
])('refuses %s in a sentence', async (_what, text, sentence) => {
  await expect(read(spoilt(plain, () => Buffer.from(text)))).rejects.toThrow(sentence);
});

it('says what is wrong with the place it should be written to', async () => {
  await expect(write('no/such/folder', null)).rejects.toThrow(/folder of .* does not exist/);
  await expect(read(join(folder, 'nothing'))).rejects.toThrow('cannot be read (ENOENT)');
});

it('removes what it had written when its source fails', async () => {
  const file = join(folder, 'failing');
  const failing = writeArchive({
    file,
    header: { release: '1', schemaVersion: 1, takenAt: '2026-11-21T12:00:00.000Z' },
    contents,
    passphrase: null,
    open: () => {
      throw new Error('The database went away.');
    },
  });
  await expect(failing).rejects.toThrow('The database went away.');
  expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false]);
});

it.runIf(existsSync('/dev/full'))('says that the disk is full', async () => {
  const { explainWriteError } = await import('./archive.ts');
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  expect(explainWriteError(full, '/backups/a')).toMatchObject({
    message: expect.stringContaining('There is no space left to write /backups/a'),
  });
});
