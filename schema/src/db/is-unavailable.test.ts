import { DrizzleQueryError } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../scripts/testing/test-database.ts';
import { createDatabase, isDatabaseUnavailable, poolUseOf, withSystem } from './index.ts';

const coded = (code: unknown) => Object.assign(new Error('failed'), { code });

describe('a database is unavailable', () => {
  it.each(['ECONNREFUSED', 'CONNECTION_CLOSED', '57P01', '57P03', '53300', '57014'])('after %s', (code) => {
    expect(isDatabaseUnavailable(coded(code))).toBe(true);
    expect(isDatabaseUnavailable(new DrizzleQueryError('select 1', [], coded(code)))).toBe(true);
  });

  it('not after a fault of the statement, nor after anything else', () => {
    for (const error of [coded('23505'), coded(42), new Error('other'), 'ECONNREFUSED', null, undefined]) {
      expect(isDatabaseUnavailable(error)).toBe(false);
    }
  });

  it('when nothing listens at its address', async () => {
    const db = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'test', max: 1 });
    const failure = await withSystem(db, () => Promise.resolve()).catch((error: unknown) => error);
    expect(isDatabaseUnavailable(failure)).toBe(true);
    await db.$client.end({ timeout: 1 });
  });
});

describe('the use of a pool', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it('counts the transactions that are open or wait, also when one fails', async () => {
    const db = createDatabase({ url: database.url, applicationName: 'test', max: 2 });
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const open = Array.from({ length: 3 }, () => withSystem(db, () => gate));
    expect(poolUseOf(db)).toEqual({ transactions: 3, connections: 2 });
    release();
    await Promise.all(open);
    await expect(withSystem(db, () => Promise.reject(new Error('given up')))).rejects.toThrow('given up');
    expect(poolUseOf(db)).toEqual({ transactions: 0, connections: 2 });
    await db.$client.end({ timeout: 1 });
  });

  it('is nothing for a client that nobody counts', () => {
    const $client = { options: { max: 7 } } as Parameters<typeof poolUseOf>[0]['$client'];
    expect(poolUseOf({ $client })).toEqual({ transactions: 0, connections: 7 });
  });
});
