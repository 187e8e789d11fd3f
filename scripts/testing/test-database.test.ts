import postgres from 'postgres';
import { afterEach, expect, it } from 'vitest';
import { createDatabase, schemaVersion } from '@everwave/schema/db';
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from './test-database.ts';

const opened: TestDatabase[] = [];
const keep = (database: TestDatabase): TestDatabase => (opened.push(database), database);
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

it('gives each caller a migrated database of its own', async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  keep(first);
  keep(second);
  expect(first.url).not.toBe(second.url);
  const sql = postgres(first.url, { max: 1 });
  const [row] = await sql`select count(*)::int as count from everwave.migrations`;
  expect(row?.['count']).toBe(schemaVersion);
  await sql.end();
});

it('lets the app role in, which is no superuser', async () => {
  const { url } = keep(await createTestDatabase());
  const db = createDatabase({ url, applicationName: 'test' });
  const [row] = await db.$client`select current_user as name, current_setting('is_superuser') as superuser`;
  expect(row).toEqual({ name: 'everwave_app', superuser: 'off' });
  await db.$client.end();
});

it('gives an empty database to tests of the migrations', async () => {
  const { url } = keep(await createEmptyTestDatabase());
  const sql = postgres(url, { max: 1 });
  const [row] = await sql`select count(*)::int as count from pg_tables where schemaname = 'public'`;
  expect(row?.['count']).toBe(0);
  await sql.end();
});

it('drops the database at the end, even with an open connection', async () => {
  const database = await createTestDatabase();
  const sql = postgres(database.url, { max: 1, onclose: () => {} });
  await sql`select 1`;
  await database.close();
  await expect(sql`select 1`).rejects.toThrow();
  await sql.end();
});
