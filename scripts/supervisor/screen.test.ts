import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

it('goes on, and says so once, where a log cannot be written, and writes again when it can', () => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-screen-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const logFolder = join(folder, 'logs');
  const said: string[] = [];
  const screen = createScreen({ write: (text) => said.push(text), paint: (_style, text) => text, logFolder });
  screen.log('postgres', 'first');
  rmSync(logFolder, { recursive: true });
  writeFileSync(logFolder, 'a file where the folder was');
  screen.log('postgres', 'lost');
  screen.log('postgres', 'lost as well');
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`Logs are not written to ${logFolder}`);
  rmSync(logFolder);
  screen.log('postgres', 'last');
  expect(readFileSync(join(logFolder, 'postgres.log'), 'utf8')).toBe('last\n');
});
