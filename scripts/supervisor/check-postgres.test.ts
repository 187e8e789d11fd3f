import postgres from 'postgres';
import { expect, it } from 'vitest';
import { askTestServers } from '../testing/ask-test-servers.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { checkManagedPostgres } from './check-postgres.ts';

it('refuses a Postgres that may forget what it confirmed, and names each setting', async () => {
  // The tests' own server is such a one: it is thrown away anyway.
  const { url } = await askTestServers('postgres');
  await expect(checkManagedPostgres(url)).rejects.toThrow(
    'The Postgres in DATABASE_URL has fsync and full_page_writes and synchronous_commit off, so it may forget what it confirmed. Turn them on, then start again.',
  );
});

it('names the one setting that a database turns off for itself', async () => {
  const database = await createTestDatabase();
  const sql = postgres(database.url, { max: 1 });
  const name = new URL(database.url).pathname.slice(1);
  await sql`alter database ${sql(name)} set synchronous_commit = on`;
  await sql.end();
  await expect(checkManagedPostgres(database.url)).rejects.toThrow('has fsync and full_page_writes off');
  await database.close();
});

it('refuses a wrong password without repeating it', async () => {
  const { url } = await askTestServers('postgres');
  const wrong = new URL(url);
  wrong.password = 'not-the-password';
  const refusal = await checkManagedPostgres(wrong.href).catch((error: Error) => error.message);
  expect(refusal).toMatch(/^The Postgres in DATABASE_URL cannot be used: password authentication failed/);
  expect(refusal).not.toContain('not-the-password');
});

it('refuses what is no address', async () => {
  await expect(checkManagedPostgres('not an address')).rejects.toThrow('DATABASE_URL is not an address of a Postgres');
});
