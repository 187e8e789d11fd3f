import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createDatabase, migrate, schemaVersion, tables, withOrg } from '@everwave/schema/db';
import { additionalData, createKeyRing, createMasterKeyText, loadMasterKeys } from '@everwave/temporal/encryption';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { parseSettings, type Settings } from '../supervisor/env.ts';
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { openArchive } from './archive.ts';
import { type BackupOptions, makeBackup } from './make-backup.ts';
import { type RestoreOptions, restoreBackup } from './restore-backup.ts';
import { writeMark } from './restore-mark.ts';

// A database of one's own and a Temporal file: real Postgres, real SQLite. The embedded ones are in chaos/restore-drill.test.ts.

const passphrase = 'correct horse battery';
const org = `org_${'a'.repeat(32)}`;
const secret = 'xoxb-the-secret-of-a-connection';
const key = createMasterKeyText();

let source: TestDatabase;
let dataFolder: string;
let folder: string;
let targets: TestDatabase[];

const settingsOf = (database: TestDatabase, data: string, more: NodeJS.ProcessEnv = {}): Settings =>
  parseSettings({ DATABASE_URL: database.url, EVERWAVE_DATA: data, EVERWAVE_SECRET_KEY: key, ...more });

const emptyTarget = async (): Promise<TestDatabase> => {
  const database = await createEmptyTestDatabase();
  targets.push(database);
  return database;
};

beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'everwave-backed-up-'));
  source = await createTestDatabase();
  const db = createDatabase({ url: source.url, applicationName: 'test' });
  const ring = createKeyRing({ db, masterKeys: loadMasterKeys({ secretKey: key }) });
  const owner = postgres(source.url, { max: 1, onnotice: () => {} });
  await owner`insert into organizations (id, name, slug) values (${org}, 'Näme\twith\n\\signs', 'a')`;
  const secretSealed = await ring.sealJson(org, { token: secret }, additionalData.connectionSecret(org, 'conn_1'));
  await withOrg(db, org, async (tx) => {
    await tx
      .insert(tables.connections)
      .values({ id: 'conn_1', orgId: org, name: 'C', kind: 'slack.bot', secretSealed });
    await tx.insert(tables.auditEvents).values(
      Array.from({ length: 3_000 }, (_, index) => ({
        orgId: org,
        actorId: 'u',
        actorName: 'U',
        action: 'a.b',
        targetKind: 't',
        targetId: String(index),
        details: { text: 'x'.repeat(500) },
      })),
    );
    const effect = { orgId: org, runId: 'run_1', path: 'send', activity: 'email.send@1', requestHash: 'h', ordinal: 1 };
    await tx.insert(tables.effects).values([
      { ...effect, effectKey: 'refused', state: 'intent' },
      { ...effect, effectKey: 'done', state: 'confirmed' },
    ]);
  });
  await db.$client.end();
  await owner.end();
  const temporal = new DatabaseSync(join(dataFolder, 'temporal.db'));
  temporal.exec('pragma journal_mode=wal; create table executions (id); insert into executions values (1), (2)');
  temporal.close();
  writeFileSync(join(dataFolder, 'cli.json'), '{"apiUrl":"http://127.0.0.1:1","apiKey":"ew_local"}\n');
});

afterAll(async () => {
  await source.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

beforeEach(() => {
  targets = [];
  folder = mkdtempSync(join(tmpdir(), 'everwave-restored-'));
});
afterEach(async () => {
  for (const target of targets) await target.close();
  rmSync(folder, { recursive: true, force: true });
});

const backUp = async (more: Partial<BackupOptions> = {}, settings = settingsOf(source, dataFolder)) => {
  const file = join(folder, 'everwave.backup');
  return { file, report: await makeBackup(settings, { file, passphrase, withKey: true, ...more }) };
};

const restore = (file: string, settings: Settings, more: Partial<RestoreOptions> = {}) =>
  restoreBackup(settings, {
    file,
    askPassphrase: () => Promise.resolve(passphrase),
    mayBeOpen: true,
    force: false,
    nothingRanSince: false,
    say: () => {},
    ...more,
  });

const ask = async (url: string, question: string): Promise<readonly postgres.Row[]> => {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: 'public' } });
  try {
    return await sql.unsafe(question);
  } finally {
    await sql.end();
  }
};

const everything = async (url: string) => {
  const names = await ask(url, "select tablename as name from pg_tables where schemaname = 'public' order by 1");
  const left = names
    .map(({ name }) => String(name))
    .filter((name) => !['restores', 'key_checks', 'effects'].includes(name));
  return Promise.all(
    left.map(async (name) => [
      name,
      await ask(url, `select md5(string_agg(t::text, ',' order by t::text)) from ${name} t`),
    ]),
  );
};

const readSecret = async (url: string, masterKey: string): Promise<unknown> => {
  const db = createDatabase({ url, applicationName: 'test' });
  try {
    const ring = createKeyRing({ db, masterKeys: loadMasterKeys({ secretKey: masterKey }) });
    const [row] = await withOrg(db, org, (tx) => tx.select().from(tables.connections));
    return await ring.openJson(
      org,
      row?.secretSealed ?? new Uint8Array(),
      additionalData.connectionSecret(org, 'conn_1'),
    );
  } finally {
    await db.$client.end();
  }
};

it('brings every row back into an empty database, with numbers that go on and secrets that open', async () => {
  const { file, report } = await backUp();
  expect(report).toMatchObject({ holdsTemporal: true, holdsKey: true });
  const target = await emptyTarget();
  const data = join(folder, 'data');
  const restored = await restore(file, settingsOf(target, data));

  expect(restored.rows).toBeGreaterThan(3_000);
  expect(restored).toMatchObject({ takenAt: report.takenAt, restoredTemporal: true, replaced: null });
  expect(await everything(target.url)).toEqual(await everything(source.url));
  expect(await readSecret(target.url, key)).toEqual({ token: secret });
  const [next] = await ask(
    target.url,
    "select nextval('audit_events_id_seq')::int as next, (select max(id)::int from audit_events) as last",
  );
  expect(next).toEqual({ next: Number(next?.['last']) + 1, last: next?.['last'] });
  expect(await ask(target.url, "select tgname from pg_trigger where not tgisinternal and tgenabled <> 'O'")).toEqual(
    [],
  );
  await expect(ask(target.url, 'delete from run_logs')).resolves.toEqual([]);

  const temporal = new DatabaseSync(join(data, 'temporal.db'));
  expect(temporal.prepare('select count(*) as count from executions').get()).toMatchObject({ count: 2 });
  temporal.close();
  expect(readFileSync(join(data, 'cli.json'), 'utf8')).toContain('ew_local');
  // The key is the machine's own, so no file of it is written.
  expect(readdirSync(data).toSorted()).toEqual(['cli.json', 'temporal.db', 'version']);
});

it('shows one moment although rows come and go while it is written', async () => {
  const sql = postgres(source.url, { max: 1, onnotice: () => {} });
  let writing = true;
  let written = 0;
  const writer = (async () => {
    for (; writing; written += 1) {
      await sql.begin(async (tx) => {
        await tx`insert into effects (org_id, effect_key, run_id, path, activity, request_hash, state, ordinal)
          values (${org}, ${`pair-${written}`}, 'r', 'p', 'a', 'h', 'confirmed', 1)`;
        await tx`insert into effect_checkpoints (org_id, effect_key, name, value_sealed)
          values (${org}, ${`pair-${written}`}, 'n', '\\x00')`;
      });
    }
  })();
  await expect.poll(() => written).toBeGreaterThan(20);
  const { file } = await backUp();
  const before = written;
  await expect.poll(() => written).toBeGreaterThan(before);
  writing = false;
  await writer;
  await sql.end();
  const target = await emptyTarget();
  await restore(file, settingsOf(target, join(folder, 'data')));
  const [pairs] = await ask(
    target.url,
    "select (select count(*)::int from effects where effect_key like 'pair-%') as effects, (select count(*)::int from effect_checkpoints) as checkpoints",
  );
  expect(pairs?.['effects']).toBeGreaterThan(20);
  expect(pairs?.['effects']).toBe(pairs?.['checkpoints']);
});

it('puts effects in doubt that may have been sent after the backup, unless nothing ran since', async () => {
  const { file } = await backUp();
  const question = "select effect_key, state, ordinal from effects where effect_key in ('refused', 'done') order by 1";
  const moved = await emptyTarget();
  await restore(file, settingsOf(moved, join(folder, 'moved')), { nothingRanSince: true });
  expect(await ask(moved.url, question)).toMatchObject([
    { effect_key: 'done', state: 'confirmed', ordinal: 1 },
    { effect_key: 'refused', state: 'intent', ordinal: 1 },
  ]);
  const lost = await emptyTarget();
  await restore(file, settingsOf(lost, join(folder, 'lost')));
  expect(await ask(lost.url, question)).toMatchObject([
    { effect_key: 'done', state: 'confirmed', ordinal: 1 },
    { effect_key: 'refused', state: 'sent', ordinal: 2 },
  ]);
  expect(await ask(lost.url, 'select leaves_doubt, restored_at > taken_at as later from restores')).toEqual([
    { leaves_doubt: true, later: true },
  ]);
});

it("wraps the keys anew where the machine has a key of its own, and makes the backup's key the machine's where it has none", async () => {
  const { file } = await backUp();
  const other = createMasterKeyText();
  const first = await emptyTarget();
  await restore(file, settingsOf(first, join(folder, 'one'), { EVERWAVE_SECRET_KEY: other }));
  expect(await readSecret(first.url, other)).toEqual({ token: secret });
  await expect(readSecret(first.url, key)).rejects.toThrow(/master key/);

  const second = await emptyTarget();
  await restore(file, settingsOf(second, join(folder, 'two'), { EVERWAVE_SECRET_KEY: '' }));
  expect(readFileSync(join(folder, 'two', 'secret-key'), 'utf8').trim()).toBe(key);
});

it('leaves the key out when asked to, and then restores only where the key is', async () => {
  const { file, report } = await backUp({ passphrase: null, withKey: false });
  expect(report.holdsKey).toBe(false);
  let contents = '';
  const archive = await openArchive(file, () => Promise.reject(new Error('asked')));
  await archive.read({
    onContents: (found) => void (contents = JSON.stringify(found)),
    onEntry: async (entry, content) => {
      expect(entry.name).not.toBe('cli.json');
      for await (const _ of content);
    },
  });
  expect(contents).not.toContain(key);
  const target = await emptyTarget();
  const without = settingsOf(target, join(folder, 'data'), { EVERWAVE_SECRET_KEY: createMasterKeyText() });
  await expect(restore(file, without)).rejects.toThrow(
    /encrypted with the master key [0-9a-f]{16}, and this machine has/,
  );
  await restore(file, settingsOf(target, join(folder, 'data')));
  expect(await readSecret(target.url, key)).toEqual({ token: secret });
});

it('refuses to make a backup that could never be read', async () => {
  const other = settingsOf(source, dataFolder, { EVERWAVE_SECRET_KEY: createMasterKeyText() });
  await expect(backUp({}, other)).rejects.toThrow('without it a backup can never be read');
  expect(readdirSync(folder)).toEqual([]);
});

it('refuses to make a backup as a user from whom rows are hidden', async () => {
  const owner = postgres(source.url, { max: 1, onnotice: () => {} });
  const name = `reader_${createMasterKeyText().replaceAll(/\W/g, '').toLowerCase()}`;
  try {
    await owner.unsafe(`
      create role ${name} login password 'reader';
      grant usage on schema public, everwave to ${name};
      grant select on all tables in schema public, everwave to ${name}`);
    const url = new URL(source.url);
    url.username = name;
    url.password = 'reader';
    const settings = settingsOf({ ...source, url: url.href }, dataFolder);
    await expect(backUp({}, settings)).rejects.toThrow('as the owner of the database');
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    await owner.unsafe(`drop owned by ${name}; drop role ${name}`);
    await owner.end();
  }
});

it('leaves nothing behind when it is stopped half-way', async () => {
  const holder = postgres(source.url, { max: 1, onnotice: () => {} });
  const file = join(folder, 'everwave.backup');
  await holder.begin(async (tx) => {
    await tx`lock table organizations in access exclusive mode`;
    const script = join(import.meta.dirname, '..', 'backup.ts');
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, file], {
      env: { ...process.env, ...settingsOf(source, dataFolder).variables, EVERWAVE_BACKUP_PASSPHRASE: passphrase },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await expect.poll(() => readdirSync(folder).toSorted(), { timeout: 60_000 }).toHaveLength(2);
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
  });
  await holder.end();
  expect(readdirSync(folder)).toEqual([]);
});

it('does not write over a backup', async () => {
  const { file } = await backUp();
  const before = readFileSync(file);
  await expect(backUp()).rejects.toThrow('exists already');
  expect(readFileSync(file).equals(before)).toBe(true);
});

it('refuses an installation in its way, and keeps it aside when forced to replace it', async () => {
  const { file } = await backUp();
  const target = await emptyTarget();
  const data = join(folder, 'data');
  await migrate(target.url);
  await ask(target.url, "insert into organizations (id, name, slug) values ('org_old', 'Old', 'old')");
  await expect(restore(file, settingsOf(target, data))).rejects.toThrow('holds an organisation');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'temporal.db'), 'old');
  await expect(restore(file, settingsOf(target, data))).rejects.toThrow('holds an installation (temporal.db)');
  expect(await ask(target.url, 'select id from organizations')).toEqual([{ id: 'org_old' }]);

  const { replaced } = await restore(file, settingsOf(target, data), { force: true });
  expect(await ask(target.url, 'select id from organizations')).toEqual([{ id: org }]);
  const schema = /public_replaced_\w+/.exec(replaced ?? '')?.[0] ?? '';
  expect(await ask(target.url, `select id from ${schema}.organizations`)).toEqual([{ id: 'org_old' }]);
  const aside = readdirSync(data).find((name) => name.startsWith('replaced-')) ?? '';
  expect(readFileSync(join(data, aside, 'temporal.db'), 'utf8')).toBe('old');
});

it('refuses a database that api or workers are using', async () => {
  const { file } = await backUp();
  const target = await emptyTarget();
  const worker = postgres(target.url, { max: 1, connection: { application_name: 'everwave-worker' } });
  await worker`select 1`;
  await expect(restore(file, settingsOf(target, join(folder, 'data')), { force: true })).rejects.toThrow(
    'Everwave runs on this database (worker). Stop api and workers first.',
  );
  await worker.end();
});

it('leaves database and data folder as they were when the restore fails half-way', async () => {
  const { file } = await backUp();
  const target = await emptyTarget();
  const data = join(folder, 'data');
  await migrate(target.url);
  await ask(target.url, "insert into organizations (id, name, slug) values ('org_old', 'Old', 'old')");
  mkdirSync(data);
  writeFileSync(join(data, 'temporal.db'), 'old');
  // The second reading of the file meets a database that has lost its connection.
  let calls = 0;
  const failing = restore(file, settingsOf(target, data), {
    force: true,
    say: (line) => {
      calls += 1;
      if (line.startsWith('Restoring')) throw new Error('power failure');
    },
  });
  await expect(failing).rejects.toThrow('power failure');
  expect(calls).toBe(2);
  expect(await ask(target.url, 'select id from organizations')).toEqual([{ id: 'org_old' }]);
  expect(await ask(target.url, "select nspname from pg_namespace where nspname like '%replaced%'")).toEqual([]);
  expect(readdirSync(data).toSorted()).toEqual(['temporal.db', 'version']);
  expect(readFileSync(join(data, 'temporal.db'), 'utf8')).toBe('old');
});

it('refuses a file that is not encrypted where it should be, before it touches anything', async () => {
  const { file } = await backUp({ passphrase: null, withKey: false });
  const target = await emptyTarget();
  const settings = settingsOf(target, join(folder, 'data'));
  await expect(restore(file, settings, { mayBeOpen: false })).rejects.toThrow('is not encrypted, although');
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

it('removes what an interrupted restore has made, and never what it has not', async () => {
  const { file } = await backUp();
  const target = await emptyTarget();
  const data = join(folder, 'data');
  mkdirSync(data);
  writeMark(data, file, ['temporal', 'access']);
  writeFileSync(join(data, 'temporal.db'), 'half');
  // This restore would make the backup's key the machine's; the interrupted one would not have.
  writeFileSync(join(data, 'secret-key'), 'own');
  const settings = settingsOf(target, data, { EVERWAVE_SECRET_KEY: '' });
  await expect(restore(file, settings)).rejects.toThrow('holds an installation (secret-key)');
  expect(readFileSync(join(data, 'secret-key'), 'utf8')).toBe('own');

  const { replaced } = await restore(file, settings, { force: true });
  expect(readdirSync(replaced ?? '')).toEqual(['secret-key']);
  expect(readFileSync(join(replaced ?? '', 'secret-key'), 'utf8')).toBe('own');
  expect(readdirSync(data).toSorted()).toEqual([
    'cli.json',
    expect.stringMatching(/^replaced-/),
    'secret-key',
    'temporal.db',
    'version',
  ]);
});

it('takes the backup of an earlier release to this one', async () => {
  const old = await emptyTarget();
  await migrate(old.url, { upTo: 2 });
  await ask(old.url, `insert into organizations (id, name, slug) values ('${org}', 'Old', 'old')`);
  const { file } = await backUp({}, settingsOf(old, join(folder, 'none')));
  const target = await emptyTarget();
  await restore(file, settingsOf(target, join(folder, 'data')));
  expect(await ask(target.url, 'select name from organizations')).toEqual([{ name: 'Old' }]);
  expect(await ask(target.url, 'select count(*)::int as count from everwave.migrations')).toEqual([
    { count: schemaVersion },
  ]);
});

it('refuses the backup of a later release before it touches anything', async () => {
  const later = await emptyTarget();
  await migrate(later.url);
  await ask(later.url, "insert into everwave.migrations (hash, created_at) values ('later', 99999999999999)");
  const { file } = await backUp({}, settingsOf(later, join(folder, 'none')));
  const target = await emptyTarget();
  await expect(restore(file, settingsOf(target, join(folder, 'data')))).rejects.toThrow('was made by a newer Everwave');
  expect(existsSync(join(folder, 'data'))).toBe(false);
});
