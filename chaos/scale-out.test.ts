import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startedRunSchema } from '@everwave/schema/api';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createTestNamespace, temporalAddress } from '../scripts/testing/temporal.ts';
import { createEmptyTestDatabase, type TestDatabase } from '../scripts/testing/test-database.ts';
import { type Fleet, type FleetProcess, startFleet } from './fleet.ts';
import { publishOrderFlow } from './order-flow.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';

// Two apis and three workers share one Postgres and one Temporal. `pnpm verify:cluster` runs this file on the server of
// docker-compose.yml by naming it in EVERWAVE_SCALE_ON; otherwise it runs on the servers of all tests.

const given = process.env['EVERWAVE_SCALE_ON'];
const clusterSchema = z.object({ databaseUrl: z.string(), temporalAddress: z.string(), namespace: z.string() });
const wave = Number(process.env['EVERWAVE_SCALE_RUNS'] ?? 24);
const patience = 240_000;

let world: OutsideWorld;
let database: TestDatabase | null = null;
/** As the tables' owner, who sees every organisation's rows. */
let sql: postgres.Sql;
let fleet: Fleet;
let hookPath: string;
const report: Record<string, unknown> = {};

beforeAll(async () => {
  world = await startOutsideWorld();
  database = given ? null : await createEmptyTestDatabase();
  const servers = given
    ? clusterSchema.parse(JSON.parse(given))
    : {
        databaseUrl: database?.url ?? '',
        temporalAddress: await temporalAddress(),
        namespace: await createTestNamespace(),
      };
  fleet = await startFleet({
    databaseUrl: servers.databaseUrl,
    temporalAddress: servers.temporalAddress,
    temporalNamespace: servers.namespace,
    egressAllow: world.egressAllow,
    apis: 2,
    workers: 3,
  });
  sql = postgres(servers.databaseUrl, { max: 2, onnotice: () => {} });
  hookPath = new URL((await publishOrderFlow(fleet, world, '1s')).hook).pathname;
}, 300_000);

afterAll(async () => {
  const file = process.env['EVERWAVE_SCALE_REPORT'];
  if (file) writeFileSync(file, JSON.stringify(report));
  await fleet?.stop();
  await sql?.end();
  await world?.close();
  await database?.close();
}, 120_000);

interface Delivered {
  readonly order: string;
  readonly runId: string;
}

const someOrders = (count: number) => Array.from({ length: count }, () => `S${randomUUID().slice(0, 8)}`);

/** As senders do: under the same delivery id until there is a 2xx, each time to the next api that lives. */
const deliver = async (order: string, index: number): Promise<Delivered> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const apis = fleet.apis();
    const api = apis[(index + tries) % apis.length];
    const response = await fetch(`${api?.url}${hookPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': `delivery-${order}` },
      body: JSON.stringify({ orderId: order, customerId: 'c_7' }),
    }).catch(() => null);
    if (response?.ok) return { order, ...startedRunSchema.parse(await response.json()) };
    await sleep(200);
  }
  throw new Error(`No api took order ${order}.`);
};

/** A few at a time, spread over a second or so: a load, not one burst. */
const deliverAll = async (orders: readonly string[], onDelivered = (_count: number) => {}): Promise<Delivered[]> => {
  const delivered: Delivered[] = [];
  let next = 0;
  const sender = async () => {
    for (let index = next++; index < orders.length; index = next++) {
      delivered.push(await deliver(orders[index] ?? '', index));
      onDelivered(delivered.length);
    }
  };
  await Promise.all(Array.from({ length: 8 }, sender));
  return delivered;
};

const idsOf = (runs: readonly Delivered[]) => runs.map(({ runId }) => runId);

const statusOf = async (runs: readonly Delivered[]): Promise<ReadonlyMap<string, string>> => {
  const rows = await sql<{ id: string; status: string }[]>`
    select id, status from runs where id in ${sql(idsOf(runs))}`;
  return new Map(rows.map(({ id, status }) => [id, status]));
};

const untilAll = async (
  runs: readonly Delivered[],
  wanted: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const end = Date.now() + patience;
  for (;;) {
    const statuses = await statusOf(runs);
    const open = runs.filter(({ runId }) => !wanted.includes(statuses.get(runId) ?? 'missing'));
    if (open.length === 0) return statuses;
    if (Date.now() > end) {
      const shown = open.slice(0, 5).map(({ runId }) => `${runId} ${statuses.get(runId)}`);
      throw new Error(`${open.length} of ${runs.length} runs are not ${wanted.join(' or ')}: ${shown.join(', ')}`);
    }
    await sleep(250);
  }
};

/** Runs that each api has started in Temporal, by its own log. */
const startsOf = (apis: readonly FleetProcess[], runs: readonly Delivered[]) => {
  const ids = new Set(runs.map(({ runId }) => runId));
  return apis.map(
    ({ log }) => log.filter(({ message, runId }) => message === 'run started' && ids.has(runId ?? '')).length,
  );
};

/** Attempts that each worker has made, by the names they put to them. */
const attemptsByWorker = async (runs: readonly Delivered[]): Promise<readonly number[]> => {
  const rows = await sql<{ worker: string | null; count: number }[]>`
    select worker, count(*)::int as count from run_attempts where run_id in ${sql(idsOf(runs))} group by worker`;
  return fleet
    .all()
    .filter(({ kind }) => kind === 'worker')
    .map(({ pid }) => rows.find(({ worker }) => worker?.endsWith(`-${pid}`))?.count ?? 0);
};

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

/** The most connections that each kind of process has had at once while the work went on. */
const watchConnections = () => {
  const most: Record<string, number> = {};
  const look = async () => {
    const rows = await sql<{ name: string; count: number }[]>`
      select application_name as name, count(*)::int as count
      from pg_stat_activity where datname = current_database() group by application_name`;
    for (const { name, count } of rows) most[name] = Math.max(most[name] ?? 0, count);
  };
  const timer = setInterval(() => void look().catch(() => {}), 250);
  return { stop: () => (clearInterval(timer), most) };
};

const expectEffectsOnce = (runs: readonly Delivered[]) => {
  const counts = runs.map(({ order }) => ({ order, ...world.effectsOf(order) }));
  expect(counts).toEqual(runs.map(({ order }) => ({ order, mails: 1, messages: 1 })));
};

/** An e-mail whose answer was lost waits for a person, who has looked at the mail server: it is there. */
const settleUnsure = async (runs: readonly Delivered[], statuses: ReadonlyMap<string, string>): Promise<number> => {
  const parked = runs.filter(({ runId }) => statuses.get(runId) === 'needs_attention');
  for (const { runId, order } of parked) {
    const wasSent = world.effectsOf(order).mails === 1;
    const body = wasSent
      ? { action: 'completeStep', path: 'email', output: null }
      : { action: 'retryStep', path: 'email' };
    await fleet.call('POST', `/v1/runs/${runId}/repair`, body, z.unknown());
  }
  return parked.length;
};

it('shares the work: every api starts runs, every worker makes attempts, each effect happens once', async () => {
  const connections = watchConnections();
  const began = performance.now();
  const runs = await deliverAll(someOrders(wave));
  const taken = performance.now();
  await untilAll(runs, ['succeeded']);
  const ended = performance.now();
  expectEffectsOnce(runs);
  const starts = startsOf(fleet.apis(), runs);
  const attempts = await attemptsByWorker(runs);
  const most = connections.stop();
  Object.assign(report, {
    runs: wave,
    secondsToTakeAll: (taken - began) / 1000,
    secondsToEndAll: (ended - began) / 1000,
    startsPerApi: starts,
    attemptsPerWorker: attempts,
    mostConnections: most,
    megabytes: Object.fromEntries(fleet.all().map((one) => [one.name, one.memory()])),
  });
  expect(starts).toHaveLength(2);
  expect(Math.min(...starts)).toBeGreaterThan(0);
  expect(sumOf(starts)).toBeGreaterThanOrEqual(wave);
  expect(attempts).toHaveLength(3);
  expect(Math.min(...attempts)).toBeGreaterThan(0);
  // Three per run: customer, email, slack.
  expect(sumOf(attempts)).toBeGreaterThanOrEqual(wave * 3);
  // A pool never grows beyond its size: 20 and the listener per api, 10 and the reconciler's lock per worker.
  expect(most['everwave-api'] ?? 0).toBeLessThanOrEqual(2 * 22);
  expect(most['everwave-worker'] ?? 0).toBeLessThanOrEqual(3 * 12);
});

it('loses and doubles nothing when an api and a worker die under load, and the others end the work', async () => {
  const [api, worker] = [fleet.apis()[0], fleet.workers()[0]];
  const dead: Promise<void>[] = [];
  const runs = await deliverAll(someOrders(wave), (count) => {
    if (count === Math.floor(wave / 3)) dead.push(api?.kill() ?? Promise.resolve());
    if (count === Math.floor(wave / 2)) dead.push(worker?.kill() ?? Promise.resolve());
  });
  await Promise.all(dead);
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(wave);
  expect(fleet.apis()).toHaveLength(1);
  expect(fleet.workers()).toHaveLength(2);

  const began = performance.now();
  const unsure = await settleUnsure(runs, await untilAll(runs, ['succeeded', 'needs_attention']));
  await untilAll(runs, ['succeeded']);
  Object.assign(report, { afterKill: { unsure, secondsToEndAll: (performance.now() - began) / 1000 } });
  expectEffectsOnce(runs);
  // No more than the steps that the killed worker had in its hands.
  expect(unsure).toBeLessThanOrEqual(wave / 2);
});

it('takes webhooks while no worker is there, and a worker and an api that start alone join in', async () => {
  expect(await Promise.all(fleet.workers().map((one) => one.stop()))).toEqual([0, 0]);
  expect(fleet.workers()).toHaveLength(0);
  const runs = await deliverAll(someOrders(10));
  expect(new Set((await statusOf(runs)).values())).not.toContain('succeeded');

  const worker = await fleet.start('worker');
  await untilAll(runs, ['succeeded']);
  expectEffectsOnce(runs);

  const api = await fleet.start('api');
  for (const old of fleet.apis()) if (old !== api) expect(await old.stop()).toBe(0);
  const more = await deliverAll(someOrders(10));
  await untilAll(more, ['succeeded']);
  expectEffectsOnce(more);
  expect(startsOf([api], more)).toEqual([10]);
  expect((await attemptsByWorker(more)).at(-1)).toBeGreaterThanOrEqual(30);
  expect(worker.isAlive()).toBe(true);
});
