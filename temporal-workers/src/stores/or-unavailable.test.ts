import { StoreUnavailable } from '@everwave/activities/worker';
import { createDatabase } from '@everwave/schema/db';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createConnectionStore } from './connection-store.ts';
import { orUnavailable } from './or-unavailable.ts';

describe('a store', () => {
  it('says that it is unavailable where no Postgres answers', async () => {
    // Port 9 discards: nothing listens there.
    const db = createDatabase({ url: 'postgres://nobody@127.0.0.1:9/none', applicationName: 'test' });
    onTestFinished(() => db.$client.end({ timeout: 1 }));
    const store = orUnavailable(createConnectionStore(db, {} as never));
    const failure = await store.find('org', 'conn').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StoreUnavailable);
    expect(failure).toMatchObject({ message: 'The database did not answer.' });
  });

  it.each([
    ['the server is shutting down', { code: '57P01' }, true],
    ['the connection closed under it', { code: 'CONNECTION_CLOSED' }, true],
    ['the cause lies deeper', { cause: { cause: { code: 'ECONNRESET' } } }, true],
    ['the statement is wrong', { code: '42601' }, false],
    ['a row may not be seen', { code: '42501' }, false],
    ['a key is wrong', {}, false],
  ])('tells an absent database from every other error: %s', async (_when, details, isAway) => {
    const error = Object.assign(new Error('x'), details);
    const store = orUnavailable({ find: () => Promise.reject(error) });
    const failure = await store.find().catch((reason: unknown) => reason);
    if (isAway) expect(failure).toBeInstanceOf(StoreUnavailable);
    else expect(failure).toBe(error);
  });

  it('otherwise is what it was', async () => {
    const store = orUnavailable({ find: (...names: string[]) => Promise.resolve(names) });
    expect(await store.find('a', 'b')).toEqual(['a', 'b']);
  });
});
