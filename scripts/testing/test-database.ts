import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import postgres from 'postgres';
import { expect } from 'vitest';
import { askTestServers } from './ask-test-servers.ts';

export interface TestDatabase {
  /** As the owner; `createDatabase` takes the app role by itself. */
  readonly url: string;
  /** Ends its connections and drops it. */
  close(): Promise<void>;
}

/** A database of its own for a test or a file of tests, copied from a migrated template. */
export const createTestDatabase = (): Promise<TestDatabase> => createFrom('template');

/** The same without any table, for tests of the migrations. */
export const createEmptyTestDatabase = (): Promise<TestDatabase> => createFrom('empty');

const createFrom = async (kind: 'template' | 'empty'): Promise<TestDatabase> => {
  const { url, template } = await askTestServers('postgres');
  const name = databaseName(expect.getState().testPath ?? 'test');
  const source = kind === 'template' ? template : 'template0';
  await asOwner(url, (sql) => sql`create database ${sql(name)} template ${sql(source)} strategy file_copy`);
  return {
    url: url.replace(/\/postgres$/, `/${name}`),
    close: () => asOwner(url, (sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
};

/** The name says which file forgot to close it; the random part lets a file have several. */
const databaseName = (testPath: string): string => {
  const file = basename(testPath)
    .replace(/\.test\.tsx?$/, '')
    .replace(/[^a-z0-9]+/gi, '_')
    .toLowerCase();
  return `t_${file.slice(0, 40)}_${randomBytes(5).toString('hex')}`;
};

const asOwner = async (url: string, statement: (sql: postgres.Sql) => Promise<unknown>): Promise<void> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await statement(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
};
