import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../scripts/testing/test-database.ts';
import {
  createDatabase,
  type Database,
  fixedStatements,
  inOrg,
  isDatabaseUnavailable,
  sendTogether,
  tables,
  withSystem,
} from './index.ts';

const orgA = `org_${'a'.repeat(32)}`;
const orgB = `org_${'b'.repeat(32)}`;
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  // One connection: what it has prepared is asked for on the same one, and whatever did not end would keep it.
  db = createDatabase({ url: database.url, applicationName: 'fixed-statements-test', max: 1 });
  await withSystem(db, (tx) =>
    tx
      .insert(tables.organizations)
      .values([orgA, orgB].map((id) => ({ id, name: id, slug: id, createdAt: new Date() }))),
  );
});
beforeEach(() => withSystem(db, (tx) => tx.delete(tables.effectCheckpoints)));
afterAll(async () => {
  await db.$client.end();
  await database.close();
});

const save = (orgId: string, name: string, owner = orgId) =>
  inOrg(
    db,
    orgId,
    (sql) => sql`
      insert into effect_checkpoints (org_id, effect_key, name, value_sealed)
      values (${owner}, 'key', ${name}, ${new Uint8Array([1, 2])}) returning name`,
  );

const find = (orgId: string) =>
  inOrg(
    db,
    orgId,
    (sql) => sql<{ org_id: string; value_sealed: Uint8Array }[]>`select org_id, value_sealed from effect_checkpoints`,
  );

const prepared = async (): Promise<string[]> => {
  const rows = await db.$client<{ statement: string }[]>`select statement from pg_prepared_statements`;
  return rows.map(({ statement }) => statement).filter((statement) => statement.includes('effect_checkpoints'));
};

it('sees the rows of its org and no others', async () => {
  expect(await save(orgA, 'one')).toEqual([{ name: 'one' }]);
  await save(orgB, 'one');
  expect(await find(orgA)).toEqual([{ org_id: orgA, value_sealed: Buffer.from([1, 2]) }]);
  expect(await find('*')).toHaveLength(2);
});

it('does not leave the org on the connection', async () => {
  await save(orgA, 'one');
  expect(await db.select().from(tables.effectCheckpoints)).toEqual([]);
});

it('is rejected and undone when the statement fails, and the connection goes on', async () => {
  await expect(save(orgA, 'smuggled', orgB)).rejects.toMatchObject({ code: '42501' });
  await save(orgA, 'twice');
  await expect(save(orgA, 'twice')).rejects.toMatchObject({ code: '23505' });
  expect(await find('*')).toHaveLength(1);
});

it('prepares its text once, however often and with whatever it is used', async () => {
  for (let index = 0; index < 20; index += 1) await save(index % 2 ? orgA : orgB, `number ${index}`);
  await find(orgA);
  await find(orgB);
  const texts = await prepared();
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts.filter((statement) => statement.includes('insert into'))).toHaveLength(1);
});

it('are undone together when one of those that were sent together fails', async () => {
  const work = withSystem(db, async (tx) => {
    const sql = fixedStatements(tx);
    const insert = (name: string | null) => sql`
      insert into effect_checkpoints (org_id, effect_key, name, value_sealed)
      values (${orgA}, 'key', ${name}, ${new Uint8Array([1])})`;
    await sendTogether([insert('before'), insert(null), insert('after')]);
  });
  await expect(work).rejects.toMatchObject({ code: '23502' });
  expect(await find('*')).toEqual([]);
});

it('take effect in the order in which they were sent', async () => {
  await withSystem(db, async (tx) => {
    const sql = fixedStatements(tx);
    await sendTogether([
      sql`insert into effect_checkpoints (org_id, effect_key, name, value_sealed) values (${orgA}, 'key', 'a', ${new Uint8Array([1])})`,
      sql`update effect_checkpoints set name = 'b' where name = 'a'`,
      sql`update effect_checkpoints set name = 'c' where name = 'b'`,
    ]);
  });
  const rows = await withSystem(db, (tx) => tx.select().from(tables.effectCheckpoints));
  expect(rows.map(({ name }) => name)).toEqual(['c']);
});

it('is rejected as an absent database when the connection is cut under it, and works on the next one', async () => {
  const owner = postgres(database.url, { max: 1, onnotice: () => {} });
  const cut = () => owner`
    select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'fixed-statements-test'`;
  try {
    const slow = inOrg(db, orgA, (sql) => sql`select pg_sleep(20)`).catch((error: unknown) => error);
    await expect
      .poll(
        async () =>
          (await owner`select from pg_stat_activity where query like '%pg_sleep(20)%' and pid <> pg_backend_pid()`)
            .length,
      )
      .toBe(1);
    await cut();
    expect(isDatabaseUnavailable(await slow)).toBe(true);
    // The driver may tell the next one of the same end.
    await save(orgA, 'after').catch((error: unknown) => {
      expect(isDatabaseUnavailable(error)).toBe(true);
      return save(orgA, 'after');
    });
    expect(await find(orgA)).toHaveLength(1);
  } finally {
    await owner.end();
  }
});
