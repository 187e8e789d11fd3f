import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../app.ts';
import { createTestApi, signInWith } from '../testing/test-api.ts';
import { checkBreachedPasswordsFile, openBreachedPasswords } from './breached-passwords.ts';

const read = vi.hoisted(() => ({ bytes: 0 }));
vi.mock(import('node:fs/promises'), async (original) => {
  const promises = await original();
  const open = (async (...given: Parameters<typeof promises.open>) => {
    const handle = await promises.open(...given);
    const readFrom = handle.read.bind(handle) as (...all: unknown[]) => Promise<{ bytesRead: number }>;
    const counted = async (...all: unknown[]) => {
      const answer = await readFrom(...all);
      read.bytes += answer.bytesRead;
      return answer;
    };
    return Object.assign(handle, { read: counted });
  }) as typeof promises.open;
  return { ...promises, open };
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everwave-breached-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  read.bytes = 0;
});

const hashOf = (password: string): string => createHash('sha1').update(password).digest('hex').toUpperCase();
const passwords = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `made-up password ${index}`);
/** As the downloader of the known ranges writes it. */
const linesOf = (known: readonly string[]): readonly string[] =>
  known.map((password, index) => `${hashOf(password)}:${index * 7 + 1}`).toSorted();

let files = 0;
const write = async (content: string): Promise<string> => {
  const file = join(folder, `hashes-${(files += 1)}.txt`);
  await writeFile(file, content);
  return file;
};

describe('a file of breached passwords', () => {
  const known = passwords(400);
  const lines = linesOf(known);

  it.each([
    ['with a line break at its end', `${lines.join('\n')}\n`],
    ['without one', lines.join('\n')],
    ['with the line breaks of Windows', `${lines.join('\r\n')}\r\n`],
    ['in small letters', lines.join('\n').toLowerCase()],
    ['without counts', lines.map((line) => line.slice(0, 40)).join('\n')],
    ['of one line', linesOf(known.slice(0, 1)).join('\n')],
    ['of one line that ends', `${linesOf(known.slice(0, 1)).join('\n')}\n`],
  ])('has each of its passwords and no other, %s', async (_how, content) => {
    const file = await write(content);
    await expect(checkBreachedPasswordsFile(file)).resolves.toBeUndefined();
    const breached = openBreachedPasswords(file);
    const inIt = content.length < 100 ? known.slice(0, 1) : known;
    for (const password of inIt) expect([password, await breached.has(password)]).toEqual([password, true]);
    for (const password of passwords(400)) expect(await breached.has(`${password}!`)).toBe(false);
  });

  it('is searched where it lies: a few hundred bytes a step, of however many there are', async () => {
    const many = passwords(100_000);
    const content = linesOf(many).join('\n');
    const file = await write(content);
    const breached = openBreachedPasswords(file);
    read.bytes = 0;
    for (const password of [many[0], many[50_000], many[99_999], 'in no file at all'] as const) {
      expect(await breached.has(password ?? '')).toBe(password !== 'in no file at all');
    }
    expect(content.length).toBeGreaterThan(4_000_000);
    expect(read.bytes / 4).toBeLessThan(8_192);
  });

  it('refuses such a password wherever one is chosen', async () => {
    const api = await createTestApi();
    const file = await write(lines.join('\n'));
    const app = createApp({ ...api.dependencies, breachedPasswords: openBreachedPasswords(file) });
    const person = await (await api.createOrg()).addPerson('viewer');
    const call = await signInWith(app, person);
    const change = (newPassword: string) =>
      call('POST /v1/me/password', { currentPassword: person.password, newPassword });
    const refused = await change('made-up password 7');
    expect([refused.status, refused.body.code]).toEqual([422, 'password_refused']);
    expect(refused.body.detail).toContain('known from a breach');
    expect((await change('made-up password 7000')).status).toBe(204);
    await api.close();
  });
});

describe('what is no such file is refused in words', () => {
  it.each([
    ['that is not there', () => Promise.resolve(join(folder, 'nowhere.txt')), 'cannot be opened (ENOENT)'],
    ['that is a folder', () => Promise.resolve(folder), 'which is no file'],
    ['that is empty', () => write(''), 'holds something else'],
    ['of passwords as they are', () => write(passwords(300).join('\n')), 'holds something else'],
    ['of something else in the midst', () => write(damaged()), 'holds something else'],
    ['in no order', () => write(linesOf(passwords(300)).toReversed().join('\n')), 'do not ascend'],
  ])('one %s', async (_what, prepare, said) => {
    const file = await prepare();
    const check = checkBreachedPasswordsFile(file);
    await expect(check).rejects.toThrow(said);
    await expect(check).rejects.toThrow(`EVERWAVE_BREACHED_PASSWORDS_FILE names ${file}`);
    await expect(check).rejects.toThrow('HASH:COUNT in ascending order, or leave the setting out');
  });

  /** In one place, large enough to be met. */
  const damaged = (): string => {
    const lines = linesOf(passwords(300));
    return [...lines.slice(0, 100), 'not a hash '.repeat(200), ...lines.slice(100)].join('\n');
  };
});
