import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { runListSchema } from '@everwave/schema/api';
import { countMigrations, migrate, schemaVersion } from '@everwave/schema/db';
import { createMasterKeyText } from '@everwave/temporal/encryption';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectFolder } from '../scripts/lib/folders.ts';
import { startEmbeddedPostgres } from '../scripts/lib/embedded-postgres.ts';
import { openArchive } from '../scripts/backup/archive.ts';
import { type LiveProduct, startLiveProduct } from './product.ts';

// A data folder as an earlier release left it, whose database had fewer migrations; then the commands of an operator on it.

const olderVersion = 2;
const org = `org_${'a'.repeat(32)}`;
let dataFolder: string;
let product: LiveProduct | undefined;

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'everwave-older-'));
  writeFileSync(join(dataFolder, 'version'), '1\n');
  writeFileSync(join(dataFolder, 'secret-key'), `${createMasterKeyText()}\n`, { mode: 0o600 });
  await onDatabase(async (sql, url) => {
    await migrate(url, { upTo: olderVersion });
    await sql`insert into organizations (id, name, slug) values (${org}, 'From earlier', 'old')`;
    // What stands in the way of a later migration.
    await sql`create table restores (id int)`;
  });
}, 120_000);

afterAll(async () => {
  await product?.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

const onDatabase = async (work: (sql: postgres.Sql, url: string) => Promise<void>): Promise<void> => {
  const server = await startEmbeddedPostgres({ dataFolder, port: 0, database: 'everwave' });
  const sql = postgres(server.url, { max: 1, onnotice: () => {}, connection: { search_path: 'public' } });
  try {
    await work(sql, server.url);
  } finally {
    await sql.end();
    await server.stop();
  }
};

const backups = () =>
  readdirSync(join(dataFolder, 'backups'))
    .toSorted()
    .map((name) => join(dataFolder, 'backups', name));

it('makes a backup before it migrates, leaves the data as it was when that fails, and keeps it when it works', async () => {
  const failing = startLiveProduct('', { dataFolder });
  await expect(failing).rejects.toThrow(/did not start/);
  const reason = await failing.then(
    () => '',
    (error: unknown) => ((error as Error).cause as Error).message,
  );
  const [first] = backups();
  expect(reason).toContain('The database could not be brought to this release, and is as it was before');
  expect(reason).toContain(`A backup made before the attempt is ${first}`);
  await onDatabase(async (sql, url) => {
    expect(await countMigrations(url)).toBe(olderVersion);
    expect(await sql`select name from organizations`).toEqual([{ name: 'From earlier' }]);
    await sql`drop table restores`;
  });

  product = await startLiveProduct('', { dataFolder });
  expect(await countMigrations(product.databaseUrl)).toBe(schemaVersion);
  const sql = postgres(product.databaseUrl, { max: 1, connection: { search_path: 'public' } });
  expect(await sql`select name from organizations`).toEqual([{ name: 'From earlier' }]);
  await sql.end();
  const second = backups().at(-1) ?? '';
  expect(second).not.toBe(first);
  expect(product.printed()).toContain(`Made a backup before the database is brought to this release: ${second}`);
  const { header } = await openArchive(second, () => Promise.reject(new Error('It asked for a passphrase.')));
  expect(header).toMatchObject({ schemaVersion: olderVersion, holdsKey: false, sealed: null });
});

const environment = () => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  ...product?.ports,
  EVERWAVE_DATA: dataFolder,
});
const run = async (script: string, ...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(projectFolder, script), ...args], {
    env: environment(),
  });
  return stdout;
};

it('seeds demo data as often as one likes, and starts nothing twice', async () => {
  const seed = () => run('cli/bin/everwave.mjs', 'seed', join(projectFolder, 'seeds/demo'));
  const first = await seed();
  expect(first).toMatch(/flow_\w+ {2}Order triage, published\n {2}3 deliveries of order-triage.csv/);
  const again = await seed();
  expect(again).toMatch(/Order triage, unchanged\n {2}3 deliveries of order-triage.csv/);
  const flowId = /flow_\w+/.exec(first)?.[0] ?? '';
  const list = async () => product?.call('GET', `/v1/runs?flowId=${flowId}`, undefined, runListSchema);
  await expect
    .poll(async () => (await list())?.items.map(({ status }) => status), { timeout: 60_000 })
    .toEqual(['succeeded', 'succeeded', 'succeeded']);
  const outputs = await Promise.all(
    (await list())?.items.map(
      async ({ id }) => (await product?.readRun(id))?.output as { order: string; queue: string },
    ) ?? [],
  );
  expect(Object.fromEntries(outputs.map(({ order, queue }) => [order, queue]))).toEqual({
    'S-1001': 'review',
    'S-1002': 'ship',
    'S-1003': 'ship',
  });

  const file = join(dataFolder, 'broken.json');
  const graph = { nodes: [{ id: 'wait', kind: 'control.delay', title: 'Wait', input: {} }], edges: [] };
  writeFileSync(file, JSON.stringify({ name: 'Broken', graph }));
  const draft = await run('cli/bin/everwave.mjs', 'flow', 'draft', file, '--flow', flowId);
  expect(draft).toMatch(/Order triage, draft \d+\n {2}error .*\nNot ready to publish\./s);
});

it('passes the smoke test', async () => {
  const said = await run('scripts/smoke.ts', '--web', product?.webUrl ?? '');
  expect(said.match(/✓/g)).toHaveLength(10);
  expect(said).toContain('All is well.');
});

it.each([
  ['worker', 'worker ready'],
  ['api', 'api is up'],
])('starts one more %s beside the running ones, and stops it when asked to', async (name, ready) => {
  const child = spawn(process.execPath, [join(projectFolder, 'scripts/run-process.ts'), name], {
    env: { ...environment(), EVERWAVE_API_PORT: '', EVERWAVE_WORKER_PORT: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    void ended.then((code) => reject(new Error(`It ended with ${code}.`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes(ready)) resolve();
    });
  });
  child.kill('SIGTERM');
  expect(await ended, lines.slice(-5).join('\n')).toBe(0);
});
