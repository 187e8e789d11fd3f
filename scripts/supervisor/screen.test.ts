import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createScreen } from './screen.ts';

it('keeps two files of bounded size for each process, however long it runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-screen-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const logFolder = join(folder, 'logs');
  const screen = createScreen({ write: () => {}, paint: (_style, text) => text, logFolder });
  const megabyte = 'x'.repeat(1024 ** 2);
  for (let written = 0; written < 65; written += 1) screen.log('postgres', megabyte);
  expect(readdirSync(logFolder).toSorted()).toEqual(['postgres.log', 'postgres.log.1']);
  for (const name of readdirSync(logFolder)) {
    const { size, mode } = statSync(join(logFolder, name));
    expect(size).toBeLessThan(22 * 1024 ** 2);
    expect(mode & 0o777).toBe(0o600);
  }
});
