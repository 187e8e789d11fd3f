import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createEmptyTestDatabase,
  createTestDatabase,
  type TestDatabase,
} from '../../../scripts/testing/test-database.ts';
import {
  countMigrations,
  createDatabase,
  type Database,
  knownMigrations,
  migrate,
  schemaVersion,
  tables,
  withOrg,
  withSystem,
} from './index.ts';

const orgA = `org_${'a'.repeat(32)}`;
const orgB = `org_${'b'.repeat(32)}`;

describe('migrations', () => {
  const empty = async (work: (database: TestDatabase, owner: postgres.Sql) => Promise<void>) => {
    const database = await createEmptyTestDatabase();
    const owner = postgres(database.url, { max: 1, onnotice: () => {} });
    try {
      await work(database, owner);
    } finally {
      await owner.end();
      await database.close();
    }
  };

  it('bring an empty database to this release, once', () =>
    empty(async ({ url }) => {
      expect(await migrate(url)).toEqual({ applied: schemaVersion, version: schemaVersion });
      expect(await migrate(url)).toEqual({ applied: 0, version: schemaVersion });
    }));

  it('bring a database of the release before to this one, and keep its rows', () =>
    empty(async ({ url }, owner) => {
      await migrateAllButLast(url);
      await owner`insert into organizations (id, name, slug) values (${orgA}, 'Old', 'old')`;
      expect(await migrate(url)).toEqual({ applied: 1, version: schemaVersion });
      expect(await owner`select name from organizations`).toEqual([{ name: 'Old' }]);
    }));

  it('run one after the other when several processes start at once', () =>
    empty(async ({ url }) => {
      const reports = await Promise.all([migrate(url), migrate(url), migrate(url), migrate(url)]);
      expect(reports.map(({ applied }) => applied).toSorted((left, right) => left - right)).toEqual([
        0,
        0,
        0,
        schemaVersion,
      ]);
    }));

  it('stop where an earlier release was, when asked to', () =>
    empty(async ({ url }, owner) => {
      expect(await migrate(url, { upTo: 2 })).toEqual({ applied: 2, version: 2 });
      expect(await countMigrations(url)).toBe(2);
      const remembered =
        await owner`select hash, created_at::float8 as "createdAt" from everwave.migrations order by id`;
      expect(remembered).toEqual(knownMigrations().slice(0, 2));
      expect(await migrate(url)).toEqual({ applied: schemaVersion - 2, version: schemaVersion });
    }));

  it('leave the database of the release before as it was when one of them fails', () =>
    empty(async ({ url }, owner) => {
      await migrate(url, { upTo: 2 });
      await owner`insert into organizations (id, name, slug) values (${orgA}, 'Old', 'old')`;
      // Stands in the way of the table that a later migration makes.
      await owner`create table public.restores (something int)`;
      await expect(migrate(url)).rejects.toThrow();
      expect(await countMigrations(url)).toBe(2);
      expect(await owner`select name from organizations`).toEqual([{ name: 'Old' }]);
      await owner`drop table public.restores`;
      expect(await migrate(url)).toMatchObject({ version: schemaVersion });
    }));

  it('refuse a database that a newer release has migrated', () =>
    empty(async ({ url }, owner) => {
      await migrate(url);
      await owner`insert into everwave.migrations (hash, created_at) values ('newer', 99999999999999)`;
      await expect(migrate(url)).rejects.toThrow(/migrated by a newer Everwave/);
    }));
});

/** What an earlier release would have shipped: the same folder without the newest migration. */
const migrateAllButLast = async (url: string): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'everwave-migrations-'));
  cpSync(fileURLToPath(new URL('./migrations', import.meta.url)), folder, { recursive: true });
  const journalFile = join(folder, 'meta/_journal.json');
  const journal = JSON.parse(readFileSync(journalFile, 'utf8')) as { entries: unknown[] };
  journal.entries.pop();
  writeFileSync(journalFile, JSON.stringify(journal));
  const client = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: 'public' } });
  await runMigrations(drizzle(client), {
    migrationsFolder: folder,
    migrationsSchema: 'everwave',
    migrationsTable: 'migrations',
  });
  await client.end();
};

describe('a migrated database', () => {
  let database: TestDatabase;
  let db: Database;
  let owner: postgres.Sql;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = createDatabase({ url: database.url, applicationName: 'db-test' });
    owner = postgres(database.url, { max: 1, onnotice: () => {} });
    await owner`insert into organizations (id, name, slug) values (${orgA}, 'A', 'a'), (${orgB}, 'B', 'b')`;
    for (const [orgId, name] of [
      [orgA, 'Of A'],
      [orgB, 'Of B'],
    ] as const) {
      const draft = { graphVersion: 1 as const, nodes: [], edges: [], settings: {} as never };
      await withOrg(db, orgId, (tx) => tx.insert(tables.flows).values({ id: `flow_${name}`, orgId, name, draft }));
    }
  });
  afterAll(async () => {
    await db.$client.end();
    await owner.end();
    await database.close();
  });

  it('has a policy on every table with an org, and row-level security switched on', async () => {
    const unguarded = await owner`
      select c.table_name from information_schema.columns c
      join pg_class t on t.relname = c.table_name and t.relnamespace = 'public'::regnamespace
      where c.table_schema = 'public' and c.column_name = 'org_id'
        and (not t.relrowsecurity or not exists (select from pg_policies p where p.tablename = c.table_name))`;
    expect(unguarded).toEqual([]);
    const guarded = await owner`select count(distinct tablename)::int as count from pg_policies`;
    expect(guarded[0]?.['count']).toBeGreaterThanOrEqual(15);
  });

  it('is used by a role that owns nothing and is no superuser', async () => {
    const [role] = await db.execute(sql`
      select current_user as name, rolsuper, rolbypassrls, rolcreaterole,
        (select count(*)::int from pg_class where relowner = r.oid) as owned
      from pg_roles r where rolname = current_user`);
    expect(role).toEqual({
      name: 'everwave_app',
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      owned: 0,
    });
  });

  it('shows no row of any tenant to a transaction that names no org', async () => {
    expect(await db.select().from(tables.flows)).toEqual([]);
  });

  it("shows an org its own rows, also to a query that forgot to ask for them, and nobody else's", async () => {
    const names = (orgId: string) =>
      withOrg(db, orgId, (tx) => tx.select({ name: tables.flows.name }).from(tables.flows));
    expect(await names(orgA)).toEqual([{ name: 'Of A' }]);
    expect(await names(orgB)).toEqual([{ name: 'Of B' }]);
    const all = await withSystem(db, (tx) => tx.select().from(tables.flows));
    expect(all).toHaveLength(2);
  });

  it("refuses to write, change or delete another org's rows", async () => {
    const draft = { graphVersion: 1 as const, nodes: [], edges: [], settings: {} as never };
    const foreign = { id: 'flow_x', orgId: orgB, name: 'Smuggled', draft };
    await expect(withOrg(db, orgA, (tx) => tx.insert(tables.flows).values(foreign))).rejects.toThrow();
    const changed = await withOrg(db, orgA, (tx) =>
      tx.update(tables.flows).set({ name: 'Taken' }).where(sql`id = 'flow_Of B'`).returning(),
    );
    const deleted = await withOrg(db, orgA, (tx) => tx.delete(tables.flows).where(sql`id = 'flow_Of B'`).returning());
    expect([changed, deleted]).toEqual([[], []]);
  });

  it('refuses to change or delete lines of the run log and the audit log, even for the owner', async () => {
    await withOrg(db, orgA, async (tx) => {
      await tx.insert(tables.runLogs).values({ orgId: orgA, runId: 'run_1', level: 'info', message: 'said' });
      await tx
        .insert(tables.auditEvents)
        .values({ orgId: orgA, actorId: 'u', actorName: 'U', action: 'a.b', targetKind: 't', targetId: 't1' });
    });
    for (const table of ['run_logs', 'audit_events']) {
      await expect(owner.unsafe(`update ${table} set org_id = org_id`)).rejects.toThrow(/append-only/);
      await expect(owner.unsafe(`delete from ${table}`)).rejects.toThrow(/append-only/);
      const asApp = withOrg(db, orgA, (tx) => tx.execute(sql.raw(`delete from ${table}`)));
      await expect(asApp).rejects.toMatchObject({ cause: { code: '42501' } });
    }
  });

  it('refuses to change a published version or a plan', async () => {
    const graph = { graphVersion: 1 as const, nodes: [], edges: [], settings: {} as never };
    await withOrg(db, orgA, (tx) =>
      tx.insert(tables.flowVersions).values({ orgId: orgA, flowId: 'flow_Of A', version: 1, graph, planHash: 'h' }),
    );
    await expect(owner`update flow_versions set note = 'changed'`).rejects.toThrow(/append-only/);
  });

  it('announces a changed run on its channel, with ids only', async () => {
    const notices: unknown[] = [];
    const listening = await db.$client.listen('everwave_runs', (payload) => notices.push(JSON.parse(payload)));
    await withOrg(db, orgA, (tx) =>
      tx.insert(tables.runs).values({
        id: 'run_1',
        orgId: orgA,
        flowId: 'flow_Of A',
        flowVersion: 1,
        planHash: 'h',
        triggerNodeId: 'hook',
        triggerKind: 'trigger.webhook',
        rootRunId: 'run_1',
        workflowId: 't/a/r/run_1',
        triggerSealed: new Uint8Array([1]),
      }),
    );
    await expect.poll(() => notices).toEqual([{ orgId: orgA, runId: 'run_1' }]);
    await listening.unlisten();
  });

  it('deletes an organization with everything but its audit log, when the owner says so and nothing of it runs', async () => {
    await owner`update runs set status = 'running' where id = 'run_1'`;
    await expect(owner`delete from organizations where id = ${orgA}`).rejects.toMatchObject({
      hint: expect.stringContaining('delete_organization'),
    });
    await expect(owner`select delete_organization(${orgA})`).rejects.toThrow(
      `The organization ${orgA} has 1 open runs.`,
    );
    await expect(db.execute(sql`select delete_organization(${orgA})`)).rejects.toMatchObject({
      cause: { code: '42501' },
    });

    await owner`update runs set status = 'cancelled' where id = 'run_1'`;
    await owner`select delete_organization(${orgA})`;
    const left = await owner`
      select (select count(*) from organizations)::int as organizations, (select count(*) from runs)::int as runs,
        (select count(*) from flows)::int as flows, (select count(*) from run_logs)::int as logs`;
    expect(left).toEqual([{ organizations: 1, runs: 0, flows: 1, logs: 0 }]);
    const audit = await owner`select action from audit_events where org_id = ${orgA} order by id`;
    expect(audit.map(({ action }) => action as string)).toEqual(['a.b', 'organization.deleted']);
    await expect(owner`delete from audit_events`).rejects.toThrow(/append-only/);
    await expect(owner`select delete_organization('org_x')`).rejects.toThrow('There is no organization org_x.');
  });
});
