import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';
import { binariesPackage, preparePostgresBinaries } from './postgres-binaries.ts';
import { choosePostgresFolder } from './postgres-folder.ts';
import { processStart } from './process-identity.ts';
import { canEnter, findUnprivilegedAccount } from './system-account.ts';

const asRoot = process.getuid?.() === 0;

let folder: string;
let running: EmbeddedPostgres[];
let progress: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everwave-postgres-'));
  running = [];
  progress = [];
});
afterEach(async () => {
  for (const server of running) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (dataFolder = join(folder)): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({
    dataFolder,
    port: 0,
    database: 'everwave',
    onProgress: (message) => progress.push(message),
  });
  running.push(server);
  return server;
};

const ask = async (url: string, question: string): Promise<unknown> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql.unsafe(question);
    return row && Object.values(row)[0];
  } finally {
    await sql.end();
  }
};

it('keeps its data over a stop and a start, and never turns off what keeps it', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  const second = await start();
  expect(await ask(second.url, 'select answer from kept')).toBe(42);
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    expect(await ask(second.url, `show ${setting}`)).toBe('on');
  }
});

it('listens on loopback alone, asks for a password, and keeps it in a file of its owner', async () => {
  const { url } = await start();
  expect(await ask(url, 'show listen_addresses')).toBe('127.0.0.1');
  expect(await ask(url, 'show unix_socket_directories')).toBe('');
  const wrong = url.replace(/:[^:@/]+@/, ':wrong@');
  await expect(ask(wrong, 'select 1')).rejects.toThrow('password authentication failed');
  expect(statSync(join(folder, 'postgres-password')).mode & 0o777).toBe(0o600);
});

it('takes over from a server that an interrupted start left running', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 7 as answer');
  const second = await start();
  expect(progress).toContain('Stopping the Postgres that an interrupted start left behind');
  expect(processStart(first.process.pid as number)).toBeNull();
  expect(await ask(second.url, 'select answer from kept')).toBe(7);
});

it('recovers after it was killed', async () => {
  const first = await start();
  await ask(first.url, 'create table kept as select 9 as answer');
  first.process.kill('SIGKILL');
  const second = await start();
  expect(await ask(second.url, 'select answer from kept')).toBe(9);
});

describe.runIf(asRoot)('started by root', () => {
  const account = findUnprivilegedAccount();

  it('runs as another user', async () => {
    const server = await start();
    const user = execFileSync('ps', ['-o', 'uid=', '-p', String(server.process.pid)], { encoding: 'utf8' }).trim();
    expect(Number(user)).toBe(account?.uid);
    expect(canEnter(account, folder)).toBe(true);
  });

  it('uses a state folder where that user cannot enter the data folder, says which, and remembers it', () => {
    const closed = join(folder, 'closed');
    const dataFolder = join(closed, 'data');
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(dataFolder, { recursive: true });
    mkdirSync(elsewhere);
    execFileSync('chmod', ['0755', folder, elsewhere]);
    execFileSync('chmod', ['0700', closed]);
    const chosen = choosePostgresFolder(dataFolder, account, (message) => progress.push(message), elsewhere);
    expect(chosen.database.startsWith(elsewhere)).toBe(true);
    expect(progress).toEqual([
      `The user ${account?.name} cannot enter ${dataFolder}, so Postgres keeps its files in ${chosen.state}`,
    ]);
    execFileSync('chmod', ['0755', closed]);
    expect(choosePostgresFolder(dataFolder, account, () => {}, elsewhere)).toEqual(chosen);
    expect(readFileSync(join(dataFolder, 'postgres-folder'), 'utf8').trim()).toBe(chosen.state);
  });

  it('copies the programs where that user cannot read them, libraries included', () => {
    execFileSync('chmod', ['0755', folder]);
    const { initdb } = preparePostgresBinaries(account, join(folder, 'copies'), () => false);
    expect(initdb.startsWith(folder)).toBe(true);
    const libraries = execFileSync('ldd', [initdb], { encoding: 'utf8' });
    expect(libraries).toContain(join(folder, 'copies'));
    expect(libraries).not.toContain('node_modules');
    const version = execFileSync(initdb, ['--version'], {
      cwd: '/',
      encoding: 'utf8',
      uid: account?.uid,
      gid: account?.gid,
    });
    expect(version).toContain('18.4');
  });

  it('stays in the data folder where that user can enter', () => {
    execFileSync('chmod', ['0755', folder]);
    expect(choosePostgresFolder(folder, account, () => {}).database).toBe(join(folder, 'postgres'));
    expect(existsSync(join(folder, 'postgres-folder'))).toBe(false);
  });
});

it.each([
  ['linux', 'x64'],
  ['linux', 'arm64'],
  ['darwin', 'x64'],
  ['darwin', 'arm64'],
])('has a package for %s %s', (platform, arch) => {
  expect(binariesPackage(platform, arch)).toBe(`@embedded-postgres/${platform}-${arch}`);
});

it('points to DATABASE_URL where there is no package', () => {
  expect(() => binariesPackage('linux', 'riscv64')).toThrow('Set DATABASE_URL to a Postgres 15 or later');
});
