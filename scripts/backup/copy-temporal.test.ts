import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { copyTemporalFile, isWholeTemporalFile } from './copy-temporal.ts';

const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-copy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

it('makes a copy that its owner alone may read', async () => {
  const folder = aFolder();
  const from = join(folder, 'temporal.db');
  const source = new DatabaseSync(from);
  source.exec('create table executions (id); insert into executions values (1)');
  source.close();
  const to = join(folder, 'copy');
  await copyTemporalFile(from, to);
  expect(statSync(to).mode & 0o777).toBe(0o600);
  expect(isWholeTemporalFile(to)).toBe(true);
});

it('says what is wrong with the place of the copy', async () => {
  const folder = aFolder();
  const from = join(folder, 'temporal.db');
  new DatabaseSync(from).close();
  await expect(copyTemporalFile(from, join(folder, 'none', 'copy'))).rejects.toThrow('does not exist. Make it first');
});
