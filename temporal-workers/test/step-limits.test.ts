import { randomUUID } from 'node:crypto';
import type { LimitedStep, StepLimitStore } from '@everwave/activities/worker';
import { createDatabase, type Database, tables, withSystem } from '@everwave/schema/db';
import { createLogger } from '@everwave/temporal/logger';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../scripts/testing/test-database.ts';
import { createStepLimitStore } from '../src/stores/step-limit-store.ts';

const { limits, stepLeases, stepPaces, stepWaits } = tables;
const logger = createLogger({ service: 'test', level: 'silent' });
const orgId = `org_${'a'.repeat(32)}`;

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase({ url: database.url, applicationName: 'step-limits' });
  await withSystem(db, (tx) => tx.insert(tables.organizations).values({ id: orgId, name: 'A', slug: 'a' }));
});
afterAll(async () => {
  await db.$client.end();
  await database.close();
});
beforeEach(() =>
  withSystem(db, async (tx) => {
    for (const table of [limits, stepLeases, stepPaces, stepWaits]) await tx.delete(table);
  }),
);

const limit = (subject: string, set: Partial<typeof limits.$inferInsert>) =>
  withSystem(db, (tx) => tx.insert(limits).values({ orgId, subject, kind: 'steps', ...set }));
const storeOf = (worker: string = randomUUID()): StepLimitStore => createStepLimitStore({ db, logger, worker });
const aStep = (holder: string, of: Partial<LimitedStep> = {}): LimitedStep => ({
  orgId,
  flowId: 'flow_1',
  nodeId: 'send',
  connectionId: 'con_1',
  holder,
  ...of,
});
const take = async (store: StepLimitStore, step: LimitedStep) => store.take(step, await store.find(step));
/** As if so many seconds had passed. */
const pass = (seconds: number) =>
  withSystem(db, async (tx) => {
    const by = sql`make_interval(secs => ${seconds})`;
    await tx.update(stepPaces).set({ nextAt: sql`${stepPaces.nextAt} - ${seconds}::double precision` });
    await tx.update(stepWaits).set({ since: sql`${stepWaits.since} - ${by}`, dueAt: sql`${stepWaits.dueAt} - ${by}` });
    await tx
      .update(stepLeases)
      .set({ takenAt: sql`${stepLeases.takenAt} - ${by}`, expiresAt: sql`${stepLeases.expiresAt} - ${by}` });
  });

describe('a limit of three steps at once', () => {
  beforeEach(() => limit('con_1', { atOnce: 3 }));

  it('is never exceeded by four workers with forty steps, and every step has its turn', async () => {
    const stores = Array.from({ length: 4 }, () => storeOf());
    let running = 0;
    let most = 0;
    const execute = async (index: number): Promise<void> => {
      const store = stores[index % 4];
      if (!store) return;
      const step = aStep(`step ${index}`);
      for (;;) {
        const full = await take(store, step);
        if (full === null) break;
        await new Promise((resolve) => setTimeout(resolve, Math.min(full.waitMs, 100)));
      }
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      await store.release(step);
    };
    await Promise.all(Array.from({ length: 40 }, (_, index) => execute(index)));
    expect(most).toBe(3);
    expect(await withSystem(db, (tx) => tx.select().from(stepLeases))).toEqual([]);
    expect(await withSystem(db, (tx) => tx.select().from(stepWaits))).toEqual([]);
  }, 60_000);

  it('gives the places of a worker that died to others once its leases have run out', async () => {
    const dead = storeOf();
    for (const holder of ['a', 'b', 'c']) expect(await take(dead, aStep(holder))).toBeNull();
    const living = storeOf();
    expect(await take(living, aStep('d'))).toMatchObject({ subject: 'con_1', before: 0 });
    await pass(31);
    expect(await take(living, aStep('d'))).toBeNull();
  });

  it('takes a step that was begun before as the same one', async () => {
    const store = storeOf();
    for (const holder of ['a', 'b', 'c', 'c', 'c']) expect(await take(store, aStep(holder))).toBeNull();
    expect(await withSystem(db, (tx) => tx.select().from(stepLeases))).toHaveLength(3);
  });

  it('lets those that are due go before those that come now, in the order in which they came', async () => {
    const store = storeOf();
    for (const holder of ['a', 'b', 'c']) await take(store, aStep(holder));
    for (const [index, holder] of ['first', 'second', 'third'].entries()) {
      expect(await take(store, aStep(holder))).toMatchObject({ before: index });
    }
    await store.release(aStep('a'));
    expect(await take(store, aStep('newcomer'))).toMatchObject({ before: 3 });
    expect(await take(store, aStep('second'))).toMatchObject({ before: 1 });
    expect(await take(store, aStep('first'))).toBeNull();
  });

  it('keeps no place empty for one that sleeps or has been forgotten', async () => {
    const store = storeOf();
    for (const holder of ['a', 'b', 'c']) await take(store, aStep(holder));
    await take(store, aStep('forgotten'));
    await pass(20);
    await withSystem(db, (tx) => tx.update(stepLeases).set({ expiresAt: sql`now() + interval '1 minute'` }));
    await store.release(aStep('a'));
    expect(await take(store, aStep('newcomer'))).toBeNull();
  });

  it('says the longer the wait the more wait and the longer steps take', async () => {
    const store = storeOf();
    await take(store, aStep('slow'));
    await pass(10);
    await withSystem(db, (tx) => tx.update(stepLeases).set({ expiresAt: sql`now() + interval '1 minute'` }));
    await store.release(aStep('slow'));
    for (const holder of ['a', 'b', 'c']) await take(store, aStep(holder));
    const waits = [];
    for (let index = 0; index < 6; index += 1) waits.push((await take(store, aStep(`w${index}`)))?.waitMs ?? 0);
    expect(waits).toEqual(waits.toSorted((left, right) => left - right));
    expect(waits[0]).toBeGreaterThan(3_000);
    expect(waits[5]).toBeGreaterThan(19_000);
  });
});

describe('a rate of ten a minute with a burst of four', () => {
  beforeEach(() => limit('con_1', { rateCount: 10, rateSeconds: 60, burst: 4 }));

  it('lets four begin at once, then one every six seconds', async () => {
    const store = storeOf();
    for (let index = 0; index < 4; index += 1) expect(await take(store, aStep(`${index}`))).toBeNull();
    const full = await take(store, aStep('5'));
    expect(full).toMatchObject({ subject: 'con_1', before: 0 });
    expect(full?.waitMs).toBeGreaterThan(5_000);
    expect(full?.waitMs).toBeLessThanOrEqual(6_000);
    const behind = await take(store, aStep('6'));
    expect(behind?.waitMs).toBeGreaterThan(11_000);
    await pass(6);
    expect(await take(store, aStep('6'))).toMatchObject({ before: 1 });
    expect(await take(store, aStep('5'))).toBeNull();
  });

  it('never lets more begin than that in two minutes, however many workers try', async () => {
    const stores = Array.from({ length: 3 }, () => storeOf());
    let begun = 0;
    for (let second = 0; second < 120; second += 6) {
      const tries = stores.flatMap((store, worker) =>
        [1, 2].map(async (each) => ((await take(store, aStep(`${second} ${worker} ${each}`))) === null ? 1 : 0)),
      );
      begun += (await Promise.all(tries)).reduce((total: number, one) => total + one, 0);
      await pass(6);
      await withSystem(db, (tx) => tx.delete(stepWaits));
    }
    expect(begun).toBeGreaterThanOrEqual(20);
    expect(begun).toBeLessThanOrEqual(24);
  }, 60_000);
});

it('a step takes a place under all of its limits or under none', async () => {
  await limit('org', { atOnce: 10 });
  await limit('flow_1', { atOnce: 5 });
  await limit('flow_1/send', { atOnce: 1 });
  const store = storeOf();
  expect(await take(store, aStep('a'))).toBeNull();
  expect(await take(store, aStep('b'))).toMatchObject({ subject: 'flow_1/send' });
  expect(await take(store, aStep('c', { nodeId: 'other' }))).toBeNull();
  const held = await withSystem(db, (tx) => tx.select().from(stepLeases).where(eq(stepLeases.holder, 'b')));
  expect(held).toEqual([]);
});

it('a step that nothing limits sends no statement, and limits are read once for many steps', async () => {
  await limit('con_1', { atOnce: 1 });
  const store = storeOf();
  await store.find(aStep('a'));
  const statements: string[] = [];
  const client = createDatabase({ url: database.url, applicationName: 'counted', max: 1 });
  const counted = createStepLimitStore({
    db: new Proxy(client, {
      get: (target, name, receiver) => {
        if (name === 'transaction' || name === '$client') statements.push(name);
        return Reflect.get(target, name, receiver) as unknown;
      },
    }),
    logger,
    worker: 'w',
  });
  const other = aStep('b', { connectionId: 'con_2' });
  for (let index = 0; index < 200; index += 1) expect(await counted.find(other)).toEqual([]);
  await client.$client.end();
  expect(statements).toEqual(['transaction']);
});
