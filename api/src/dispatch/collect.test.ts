import { tables, withSystem } from '@everwave/schema/db';
import type { Json } from '@everwave/schema/flow';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { webhookFlow } from '../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
let sender: Call;
beforeAll(async () => {
  api = await createTestApi();
  sender = callWith(api.app);
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  developer = await org.as('developer');
  api.temporal.started.length = 0;
});

const key = '{{ trigger.body.order }}';

const publish = async (input: {
  [field: string]: Json;
}): Promise<{ readonly hook: string; readonly flowId: string }> => {
  const { id: flowId } = (await developer('POST /v1/flows', { name: 'Orders', graph: webhookFlow({ input }) })).body;
  expect((await developer(`POST /v1/flows/${flowId}/publish`)).status).toBe(201);
  const [{ url }] = (await developer(`GET /v1/flows/${flowId}`)).body.triggers;
  return { hook: new URL(url).pathname, flowId };
};
const send = (hook: string, order: Json, n: number, id = `d${n}`) =>
  sender(`POST ${hook}`, { order, n }, { 'webhook-id': id });
const deliveries = async () => (await developer('GET /v1/deliveries?limit=100')).body.items;

/** As if so much time had passed. */
const pass = (seconds: number) =>
  withSystem(api.db, (tx) =>
    tx
      .update(tables.collections)
      .set({
        dueAt: sql`${tables.collections.dueAt} - make_interval(secs => ${seconds})`,
        closesAt: sql`${tables.collections.closesAt} - make_interval(secs => ${seconds})`,
      })
      .where(eq(tables.collections.orgId, org.orgId)),
  );

/** What the runs begin with, in the order in which they were started. */
const begun = async () => {
  await api.dispatch();
  return api.temporal.started
    .filter(({ orgId }) => orgId === org.orgId)
    .map(({ trigger }) => trigger.data as { count: number; body?: { n: number }; items?: { body: { n: number } }[] });
};
const numbers = (data: Awaited<ReturnType<typeof begun>>[number] | undefined) => data?.items?.map(({ body }) => body.n);

/** Every delivery belongs to one run that exists, and every run has some. */
const expectEachInOneRun = async (): Promise<void> => {
  const found = await deliveries();
  const runs = (await developer('GET /v1/runs?limit=100')).body.items.map(({ id }: { id: string }) => id);
  expect(found.every(({ runId }: { runId: string }) => runs.includes(runId))).toBe(true);
  expect(new Set(found.map(({ runId }: { runId: string }) => runId)).size).toBe(runs.length);
  expect(new Set(found.map(({ status }: { status: string }) => status))).toEqual(new Set(['dispatched']));
};

describe('debounce', () => {
  it('starts one run per key with the last delivery, once it is quiet', async () => {
    const { hook } = await publish({ debounce: { key, quietPeriod: '10s', maximumWait: '1m' } });
    const first = await send(hook, 'a', 1);
    expect([first.status, Object.keys(first.body)]).toEqual([202, ['deliveryId', 'waitsUntil']]);
    await send(hook, 'b', 2);
    await send(hook, 'a', 3);
    expect(await begun()).toEqual([]);
    expect(await deliveries()).toMatchObject([
      { status: 'collecting', runId: null, together: { count: 2 } },
      { status: 'collecting', runId: null, together: { count: 1 } },
      { status: 'collecting', runId: null, together: { count: 2 } },
    ]);
    await pass(11);
    const runs = await begun();
    expect(runs.map(({ count, body }) => [count, body?.n]).toSorted(([left = 0], [right = 0]) => left - right)).toEqual(
      [
        [1, 2],
        [2, 3],
      ],
    );
    await expectEachInOneRun();
    await send(hook, 'a', 4);
    await pass(11);
    expect((await begun()).at(-1)).toMatchObject({ count: 1, body: { n: 4 } });
  });

  it('waits longer with each delivery, and no longer than the longest wait', async () => {
    const { hook } = await publish({ debounce: { key, quietPeriod: '10s', maximumWait: '25s', payloads: 'all' } });
    for (let n = 1; n <= 3; n += 1) {
      await send(hook, 'a', n);
      expect(await begun()).toEqual([]);
      await pass(8);
    }
    const last = await send(hook, 'a', 4);
    expect(Date.parse(last.body.waitsUntil) - Date.now()).toBeLessThan(2_000);
    await pass(2);
    expect(numbers((await begun())[0])).toEqual([1, 2, 3, 4]);
    await expectEachInOneRun();
  });

  it('counts a delivery that is repeated once, and tells where it is', async () => {
    const { hook } = await publish({ debounce: { key, quietPeriod: '10s', maximumWait: '1m', payloads: 'all' } });
    const first = await send(hook, 'a', 1);
    const again = await send(hook, 'a', 1);
    expect(again.body.deliveryId).toBe(first.body.deliveryId);
    await pass(11);
    expect(numbers((await begun())[0])).toEqual([1]);
    const after = await send(hook, 'a', 1);
    expect(after.body.runId).toMatch(/^run_/);
  });

  it('keeps deliveries without a key that can be used by themselves, and says why', async () => {
    const { hook } = await publish({ debounce: { key, quietPeriod: '10s', maximumWait: '1m' } });
    await send(hook, null, 1);
    await send(hook, { deep: 1 }, 2);
    for (const { lastError } of await deliveries()) expect(lastError).toMatch(/^The key is neither/);
    expect(await begun()).toHaveLength(2);
  });
});

describe('a flow with a limit', () => {
  it.each(['refuse', 'skip'])(
    'neither refuses nor skips what gathers where it would %s: the run waits',
    async (whenFull) => {
      const { hook, flowId } = await publish({ batch: { key, size: 2, maximumWait: '1h' } });
      const limit = { runs: { atOnce: 1, whenFull } };
      expect((await developer(`PUT /v1/flows/${flowId}/limits`, limit)).status).toBe(200);
      for (let n = 1; n <= 4; n += 1) expect((await send(hook, n > 2 ? 'b' : 'a', n)).status).toBe(202);
      expect((await begun()).map((run) => numbers(run))).toEqual([[1, 2]]);
      const found = await deliveries();
      expect(found.map(({ status, waitsForPlace }: { [field: string]: Json }) => [status, waitsForPlace])).toEqual([
        ['pending', true],
        ['pending', true],
        ['dispatched', false],
        ['dispatched', false],
      ]);
      expect((await developer(`GET /v1/deliveries/${found[0].id}`)).body.placeWait).toMatchObject({ limit: 'flow' });
      await withSystem(api.db, (tx) =>
        tx
          .update(tables.runs)
          .set({ status: 'succeeded', finishedAt: new Date() })
          .where(eq(tables.runs.status, 'running')),
      );
      expect((await begun()).map((run) => numbers(run))).toEqual([
        [1, 2],
        [3, 4],
      ]);
      await expectEachInOneRun();
    },
  );

  it('has the run of what gathers take the place of the oldest where it replaces', async () => {
    const { hook, flowId } = await publish({ batch: { key, size: 2, maximumWait: '1h' } });
    const limit = { runs: { atOnce: 1, whenFull: 'replace' } };
    expect((await developer(`PUT /v1/flows/${flowId}/limits`, limit)).status).toBe(200);
    api.temporal.cancelled.length = 0;
    for (let n = 1; n <= 2; n += 1) await send(hook, 'a', n);
    expect((await begun()).map((run) => numbers(run))).toEqual([[1, 2]]);
    const [{ runId }] = await deliveries();
    for (let n = 3; n <= 4; n += 1) await send(hook, 'b', n);
    expect(await begun()).toHaveLength(1);
    await api.dispatch();
    expect(api.temporal.cancelled).toMatchObject([{ runId }]);
    await withSystem(api.db, (tx) =>
      tx.update(tables.runs).set({ status: 'cancelled', finishedAt: new Date() }).where(eq(tables.runs.id, runId)),
    );
    expect((await begun()).map((run) => numbers(run)).at(-1)).toEqual([3, 4]);
    await expectEachInOneRun();
  });
});

describe('batch', () => {
  it('starts one run for so many of a key, at once', async () => {
    const { hook } = await publish({ batch: { key, size: 3, maximumWait: '1h' } });
    for (let n = 1; n <= 4; n += 1) await send(hook, 'a', n);
    await send(hook, 'b', 5);
    const runs = await begun();
    expect(runs.map((run) => [run.count, numbers(run)])).toEqual([[3, [1, 2, 3]]]);
    await pass(3_600);
    expect((await begun()).map((run) => numbers(run))).toContainEqual([4]);
    expect((await begun()).map((run) => numbers(run))).toContainEqual([5]);
    await expectEachInOneRun();
  });

  it('loses none and doubles none while several processes take and end', async () => {
    const { hook } = await publish({ batch: { key, size: 4, maximumWait: '1h' } });
    const all = Array.from({ length: 40 }, (_, n) => n);
    await Promise.all([
      ...all.map((n) => send(hook, n % 3, n)),
      ...all.map((n) => send(hook, n % 3, n)),
      ...Array.from({ length: 8 }, () => api.dependencies.dispatcher.round()),
    ]);
    await Promise.all([1, 2, 3].map(() => api.dependencies.dispatcher.round()));
    await pass(3_600);
    await Promise.all([1, 2, 3].map(() => api.dependencies.dispatcher.round()));
    const runs = await begun();
    expect(runs.every(({ count }) => count <= 4)).toBe(true);
    expect(runs.flatMap((run) => numbers(run) ?? []).toSorted((left, right) => left - right)).toEqual(all);
    await expectEachInOneRun();
  });

  it('is brought to its end by another process when one dies in the middle', async () => {
    const { hook } = await publish({ batch: { key, size: 2, maximumWait: '1h' } });
    await send(hook, 'a', 1);
    await send(hook, 'a', 2);
    await withSystem(api.db, (tx) =>
      tx.update(tables.collections).set({ status: 'closing' }).where(eq(tables.collections.orgId, org.orgId)),
    );
    await send(hook, 'a', 3);
    expect((await begun()).map((run) => numbers(run))).toEqual([[1, 2]]);
    await pass(3_600);
    expect((await begun()).map((run) => numbers(run))).toEqual([[1, 2], [3]]);
    await expectEachInOneRun();
  });

  it('splits what one run could not carry', async () => {
    const { hook } = await publish({ batch: { key, size: 9, maximumWait: '1h' } });
    const large = 'x'.repeat(700_000);
    const sent = await Promise.all(
      [1, 2, 3].map((n) => sender(`POST ${hook}`, { order: 'a', n, large }, { 'webhook-id': `d${n}` })),
    );
    expect(sent.map(({ status }) => status)).toEqual([202, 202, 202]);
    await pass(3_600);
    const runs = await begun();
    expect(runs).toHaveLength(3);
    expect(runs.flatMap((run) => numbers(run) ?? []).toSorted((left, right) => left - right)).toEqual([1, 2, 3]);
    await expectEachInOneRun();
  });

  it('waits while the flow is off, and gathers what came meanwhile', async () => {
    const { hook, flowId } = await publish({ batch: { key, size: 2, maximumWait: '1h' } });
    await send(hook, 'a', 1);
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    expect((await send(hook, 'a', 2)).body.held).toBe(true);
    await pass(3_601);
    expect(await begun()).toEqual([]);
    await developer(`POST /v1/flows/${flowId}/activate`);
    expect((await begun()).flatMap((run) => numbers(run) ?? []).toSorted((left, right) => left - right)).toEqual([
      1, 2,
    ]);
    await expectEachInOneRun();
  });
});
