import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processStart } from '../lib/process-identity.ts';
import { checkDisk, neededBytes, openDataFolder } from './data-folder.ts';
import { findLockHolder, lockDataFolder } from './lock.ts';
import { ensureSecretKey } from './secret-key.ts';
import { Survivors } from './survivors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made for its owner alone and marked with its version', () => {
    const made = join(folder, 'new');
    openDataFolder(made);
    expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(made, 'version'), 'utf8')).toBe('1\n');
    openDataFolder(made);
  });

  it('is refused when a newer release wrote it', () => {
    writeFileSync(join(folder, 'version'), '2\n');
    expect(() => openDataFolder(folder)).toThrow(
      `The data folder ${folder} was written by a newer Everwave (data version 2, this release knows 1). Start the newer release, or set EVERWAVE_DATA to another folder.`,
    );
  });

  it('is refused while a restore into it has not come to its end, but for another restore', () => {
    writeFileSync(join(folder, 'restoring'), 'a.backup');
    expect(() => openDataFolder(folder)).toThrow('Run everwave restore again: it begins anew.');
    expect(() => openDataFolder(folder, { forRestore: true })).not.toThrow();
  });

  it('is refused when its version cannot be read', () => {
    writeFileSync(join(folder, 'version'), 'garbage');
    expect(() => openDataFolder(folder)).toThrow('is damaged: it should hold a version number');
  });

  it('is refused where it cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openDataFolder(join(folder, 'file', 'data'))).toThrow(/cannot be written .* Set EVERWAVE_DATA/);
  });

  it('needs room on its disk', () => {
    expect(() => checkDisk(folder, 300 * 1024 ** 2)).toThrow(
      `The disk that holds ${folder} has only 300 MB left; Everwave needs 1024 MB. Free some space, or set EVERWAVE_DATA to another disk.`,
    );
    expect(() => checkDisk(folder, neededBytes)).not.toThrow();
    expect(() => checkDisk(join(folder, 'not', 'yet', 'there'))).not.toThrow();
  });
});

describe('the lock', () => {
  it('lets one process in', () => {
    const unlock = lockDataFolder(folder);
    expect(findLockHolder(folder)).toBe(process.pid);
    expect(() => lockDataFolder(folder)).toThrow(`already runs on the data folder ${folder} (process ${process.pid})`);
    unlock();
    expect(findLockHolder(folder)).toBeNull();
    lockDataFolder(folder)();
  });

  it('does not count a holder that was killed', async () => {
    const other = spawn('sleep', ['60']);
    const started = processStart(other.pid as number);
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: other.pid, started }));
    expect(() => lockDataFolder(folder)).toThrow('already runs');
    other.kill('SIGKILL');
    await once(other, 'exit');
    lockDataFolder(folder)();
  });

  it('does not mistake a process that got the same id for the holder', () => {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, started: 'long ago' }));
    lockDataFolder(folder)();
  });

  it('does not count a lock that was cut short', () => {
    writeFileSync(join(folder, 'lock'), '{"pid":');
    lockDataFolder(folder)();
  });
});

describe('the key', () => {
  it('is made once, readable by its owner alone', () => {
    const file = ensureSecretKey(folder, false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const key = readFileSync(file, 'utf8');
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    ensureSecretKey(folder, true);
    expect(readFileSync(file, 'utf8')).toBe(key);
  });

  it('is not made anew beside data that another key has encrypted', () => {
    expect(() => ensureSecretKey(folder, true)).toThrow(/secret-key is missing, and the data beside it .* Restore it/);
    expect(existsSync(join(folder, 'secret-key'))).toBe(false);
  });
});

describe('processes an interrupted start left behind', () => {
  it('are ended', async () => {
    const other = spawn('sleep', ['60']);
    new Survivors(folder).add('worker', other.pid as number);
    const ended = once(other, 'exit');
    expect(await new Survivors(folder).end()).toEqual(['worker']);
    await ended;
    expect(await new Survivors(folder).end()).toEqual([]);
  });

  it('are not mistaken for others that got their ids', async () => {
    mkdirSync(folder, { recursive: true });
    const entry = { name: 'worker', pid: process.pid, started: 'long ago', signal: 'SIGKILL' };
    writeFileSync(join(folder, 'processes.json'), JSON.stringify([entry]));
    expect(await new Survivors(folder).end()).toEqual([]);
  });
});
