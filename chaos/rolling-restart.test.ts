import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startedRunSchema } from '@everwave/schema/api';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEmptyTestDatabase, type TestDatabase } from '../scripts/testing/test-database.ts';
import { createTestNamespace, temporalAddress } from '../scripts/testing/temporal.ts';
import { type Fleet, type FleetProcess, startFleet } from './fleet.ts';
import { type OrderFlow, publishOrderFlow } from './order-flow.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';

// What an operator does to bring in a new release: every process is asked to stop, one after the other, and another takes
// its place, while webhooks keep coming.

const drainSeconds = 6;
const senders = 6;

let world: OutsideWorld;
let database: TestDatabase;
let sql: postgres.Sql;
let fleet: Fleet;
let flow: OrderFlow;

beforeAll(async () => {
  world = await startOutsideWorld();
  database = await createEmptyTestDatabase();
  fleet = await startFleet({
    databaseUrl: database.url,
    temporalAddress: await temporalAddress(),
    temporalNamespace: await createTestNamespace(),
    egressAllow: world.egressAllow,
    apis: 2,
    workers: 2,
    variables: { EVERWAVE_WORKER_DRAIN: String(drainSeconds) },
  });
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
  flow = await publishOrderFlow(fleet, world, '1s');
}, 300_000);

afterAll(async () => {
  await fleet?.stop();
  await sql?.end();
  await world?.close();
  await database?.close();
}, 120_000);

interface Delivered {
  readonly order: string;
  readonly runId: string;
}

/** As a sender behind a load balancer: the next api when one does not answer, the same delivery id until there is a 2xx. */
const deliver = async (index: number): Promise<Delivered> => {
  const order = `L${randomUUID().slice(0, 8)}`;
  for (let tries = 0; tries < 600; tries += 1) {
    const apis = fleet.apis();
    const api = apis[(index + tries) % Math.max(1, apis.length)];
    const response = await fetch(`${api?.url}${new URL(flow.hook).pathname}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': `delivery-${order}` },
      body: JSON.stringify({ orderId: order, customerId: 'c_7' }),
    }).catch(() => null);
    if (response?.ok) return { order, ...startedRunSchema.parse(await response.json()) };
    await sleep(100);
  }
  throw new Error(`No api took order ${order}.`);
};

/** Each sender waits for the end of its run before it sends the next: as many are open at once, on any machine. */
const underLoad = async (work: () => Promise<void>): Promise<Delivered[]> => {
  const sent: Delivered[] = [];
  let isOver = false;
  const sender = async (_: unknown, index: number): Promise<void> => {
    while (!isOver) {
      const run = await deliver(index);
      sent.push(run);
      await untilEnded([run]);
    }
  };
  const sending = Promise.all(Array.from({ length: senders }, sender));
  await sleep(1_500);
  await work();
  await sleep(1_500);
  isOver = true;
  await sending;
  return sent;
};

const ids = (runs: readonly Delivered[]) => runs.map(({ runId }) => runId);

const untilEnded = async (runs: readonly Delivered[]): Promise<void> => {
  const end = Date.now() + 180_000;
  for (;;) {
    const open = await sql`
      select id, status from runs where id in ${sql(ids(runs))} and status not in ('succeeded', 'failed', 'cancelled')`;
    if (open.length === 0) return;
    if (Date.now() > end || open.some(({ status }) => status === 'needs_attention')) {
      const steps = await sql`
        select run_id, path, status, attempts, failure from run_steps where run_id in ${sql(open.map(({ id }) => String(id)))}
        and status <> 'succeeded' limit 10`;
      throw new Error(`${open.length} of ${runs.length} runs have not ended:\n${JSON.stringify(steps, null, 1)}`);
    }
    await sleep(250);
  }
};

/** Asks one to stop, waits for its end, and starts another of its kind. Returns milliseconds until the end. */
const replace = async (old: FleetProcess): Promise<number> => {
  const began = performance.now();
  expect(await old.stop(), `${old.name} ends with`).toBe(0);
  const took = performance.now() - began;
  await fleet.start(old.kind);
  return took;
};

it('brings every run to its end with each effect once and no attempt lost, while all processes are replaced', async () => {
  const took: Record<string, number> = {};
  const runs = await underLoad(async () => {
    for (const old of [...fleet.workers(), ...fleet.apis()]) took[old.name] = Math.round(await replace(old));
  });

  expect(runs.length).toBeGreaterThan(20);
  expect(new Set(ids(runs)).size).toBe(runs.length);
  const statuses = await sql`select status, count(*)::int as count from runs where id in ${sql(ids(runs))} group by 1`;
  expect(statuses).toEqual([{ status: 'succeeded', count: runs.length }]);
  const effects = runs.map(({ order }) => ({ order, ...world.effectsOf(order) }));
  expect(effects).toEqual(runs.map(({ order }) => ({ order, mails: 1, messages: 1 })));

  const attempts = await sql`
    select path, status, count(*)::int as count from run_attempts where run_id in ${sql(ids(runs))}
    group by 1, 2 order by 1, 2`;
  expect(attempts).toEqual(
    ['customer', 'email', 'slack'].map((path) => ({ path, status: 'succeeded', count: runs.length })),
  );
  // Steps take milliseconds here, so nobody has to use up the time that is allowed.
  for (const [name, milliseconds] of Object.entries(took)) {
    expect(milliseconds, `${name} stopped after`).toBeLessThan((drainSeconds + 15) * 1_000);
  }
});

it('hands a step back that takes longer than the drain, without an attempt spent', async () => {
  const before = fleet.workers().length;
  world.http.faults.add({ path: '/customers', how: 'pass', delayMs: 60_000 });
  const { order, runId } = await deliver(0);
  const holder = async () => {
    const [row] = await sql`select worker from run_attempts where run_id = ${runId} and path = 'customer'`;
    return row ? String(row['worker']) : null;
  };
  await expect.poll(holder, { timeout: 60_000 }).not.toBeNull();
  const name = await holder();
  const worker = fleet.workers().find(({ pid }) => name?.endsWith(`-${pid}`));
  if (!worker) throw new Error(`${name} is no worker of ours.`);
  await replace(worker);
  expect(fleet.workers()).toHaveLength(before);

  await untilEnded([{ order, runId }]);
  expect(world.effectsOf(order)).toEqual({ mails: 1, messages: 1 });
  const attempts = await sql`
    select status, failure from run_attempts where run_id = ${runId} and path = 'customer' order by started_at`;
  expect(attempts.map(({ status }) => String(status))).toEqual(['deferred', 'succeeded']);
});
