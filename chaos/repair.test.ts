import { setTimeout as sleep } from 'node:timers/promises';
import {
  connectionSchema,
  createdAlertChannelSchema,
  deadLetterGroupListSchema,
  flowSchema,
  flowVersionSummarySchema,
  repairJobLetterListSchema,
  repairJobSchema,
  repairPreviewSchema,
  type RepairJob,
  startedRunSchema,
} from '@everwave/schema/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyDelivery } from '../activities/src/webhooks/standard-signature.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';
import { type LiveProduct, startLiveProduct } from './product.ts';

// Fifty runs stand still for one reason. An operator repairs them, with real processes under the repair.

const count = 50;
const orders = Array.from({ length: count }, (_, index) => `R${1_000 + index}`);

let world: OutsideWorld;
let product: LiveProduct;
let hook: string;
let secret: string;
const runOf = new Map<string, string>();

beforeAll(async () => {
  world = await startOutsideWorld();
  product = await startLiveProduct(world.egressAllow);
  hook = await publishFlow();
  const channel = { kind: 'webhook', name: 'On call', url: `${world.http.url}/echo`, quietSeconds: 60 };
  const created = await product.call('POST', '/v1/alert-channels', channel, createdAlertChannelSchema);
  secret = created.secret ?? '';
}, 300_000);

afterAll(async () => {
  await product?.stop();
  await world?.close();
}, 60_000);

/** Webhook → Slack message, which counts → an order at the shop, which fails → return. */
const publishFlow = async (): Promise<string> => {
  const connect = async (kind: 'slack' | 'http') =>
    (await product.call('POST', '/v1/connections', world.connections[kind], connectionSchema)).id;
  const [slack, http] = [await connect('slack'), await connect('http')];
  const node = (id: string, kind: string, input: object, connectionId: string | null = null) => ({
    id,
    kind,
    title: id,
    input,
    connectionId,
  });
  const edge = (from: string, to: string) => ({ id: `${from}-${to}`, from, to });
  const graph = {
    nodes: [
      node('order', 'trigger.webhook', {}),
      node('tell', 'slack.postMessage', { channel: '#orders', text: 'Order {{ trigger.body.orderId }}' }, slack),
      node(
        'book',
        'http.request',
        { method: 'POST', url: '/items', body: { order: '{{ trigger.body.orderId }}' } },
        http,
      ),
      node('done', 'control.return', { output: '{{ trigger.body.orderId }}' }),
    ],
    edges: [edge('order', 'tell'), edge('tell', 'book'), edge('book', 'done')],
  };
  const { id } = await product.call('POST', '/v1/flows', { name: 'Booking', graph }, flowSchema);
  await product.call('POST', `/v1/flows/${id}/publish`, {}, flowVersionSummarySchema);
  return (await product.call('GET', `/v1/flows/${id}`, undefined, flowSchema)).triggers[0]?.url ?? '';
};

const deliver = async (orderId: string): Promise<string> => {
  for (;;) {
    const response = await fetch(hook, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': `delivery-${orderId}` },
      body: JSON.stringify({ orderId }),
    });
    if (response.ok) return startedRunSchema.parse(await response.json()).runId;
    await sleep(200);
  }
};

const groups = () => product.call('GET', '/v1/dead-letter-groups', undefined, deadLetterGroupListSchema);
const onlyGroup = async () => {
  const { items } = await groups();
  expect(items).toHaveLength(1);
  const [group] = items;
  if (!group) throw new Error('There is no group.');
  return group;
};
const repairs = async () => `/v1/dead-letter-groups/${(await onlyGroup()).fingerprint}/repairs`;

/** Waits for a job, also while no api answers. */
const untilJob = async (id: string, isReached: (job: RepairJob) => boolean): Promise<RepairJob> => {
  const end = Date.now() + 240_000;
  for (;;) {
    const job = await product.call('GET', `/v1/repair-jobs/${id}`, undefined, repairJobSchema).catch(() => null);
    if (job && isReached(job)) return job;
    if (Date.now() > end) throw new Error(`The job stands still: ${JSON.stringify(job)}`);
    await sleep(100);
  }
};

const bookings = () => world.http.requests.filter(({ method, path }) => method === 'POST' && path === '/items');
const alertsSent = () => world.http.requests.filter(({ path }) => path === '/echo');

it('shows fifty runs that fail alike as one group, and speaks of it once', async () => {
  world.http.faults.add({ path: '/items', how: 'answer', status: 403, times: 10_000 });
  for (const order of orders) runOf.set(order, await deliver(order));
  await expect.poll(async () => (await groups()).open, { timeout: 120_000 }).toBe(count);
  expect(await onlyGroup()).toMatchObject({ letters: count, runs: count, stepTitle: 'book', flowName: 'Booking' });
  expect(world.slack.messages).toHaveLength(count);
  expect(world.http.items).toHaveLength(0);

  await expect.poll(() => alertsSent().length, { timeout: 30_000 }).toBe(1);
  const [alert] = alertsSent();
  const header = (name: string) => [alert?.headers[name] ?? ''];
  const parts = {
    id: header('webhook-id'),
    timestamp: header('webhook-timestamp'),
    signature: header('webhook-signature'),
    body: Buffer.from(alert?.body ?? ''),
  };
  expect(verifyDelivery(parts, { secrets: [secret], now: Date.now() })).toEqual({ ok: true });
  expect(JSON.parse(alert?.body ?? '{}')).toMatchObject({ type: 'dead_letters.opened' });
});

it('stops with the first run while the cause is there, and touches no other', async () => {
  const before = bookings().length;
  const { id } = await product.call('POST', await repairs(), { action: 'retry' }, repairJobSchema);
  const job = await untilJob(id, ({ settledAt }) => settledAt !== null);
  expect(job).toMatchObject({ status: 'stopped', counts: { failedAgain: 1, untouched: count - 1 } });
  expect(bookings()).toHaveLength(before + 1);
  expect((await groups()).open).toBe(count);
});

it('repairs all of them from the failed step once the cause is gone, although two ask at once and the api dies', async () => {
  world.http.faults.clear();
  const path = await repairs();
  const preview = await product.call('POST', `${path}/preview`, { action: 'retry' }, repairPreviewSchema);
  expect(preview).toMatchObject({
    letters: count,
    runs: count,
    left: 0,
    repeated: 0,
    effects: { confirmed: 0, unsure: 0 },
  });

  const answers = await Promise.allSettled(
    ['first', 'second'].map((name) =>
      product.call('POST', path, { action: 'retry', requestId: `operator-${name}` }, repairJobSchema),
    ),
  );
  const begun = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
  expect([begun.length, refused.length]).toEqual([1, 1]);
  expect(refused[0]).toMatch(/answered 409.*repair_in_progress/s);

  const id = begun[0]?.id ?? '';
  const half = await untilJob(id, ({ counts }) => counts.repaired >= 10);
  expect(half.counts.waiting).toBeGreaterThan(0);
  expect(product.kill('api')).toBe(true);
  const job = await untilJob(id, ({ settledAt }) => settledAt !== null);
  expect(job).toMatchObject({ status: 'done', counts: { total: count, repaired: count } });
  const { items } = await product.call(
    'GET',
    `/v1/repair-jobs/${id}/letters?limit=100`,
    undefined,
    repairJobLetterListSchema,
  );
  expect(new Set(items.map(({ runId }) => runId)).size).toBe(count);

  for (const order of orders) {
    const run = await product.waitFor(runOf.get(order) ?? '', 'succeeded', ({ status }) => status === 'succeeded');
    expect(run.output).toBe(order);
    // Nothing before the failed step ran again.
    expect(run.attempts.filter((attempt) => attempt.path === 'tell')).toHaveLength(1);
  }
  // One ordinal for the failure and one for each repair: the first canary has one more.
  const ordinals = await Promise.all(
    orders.map(async (order) => {
      const { steps } = await product.readRun(runOf.get(order) ?? '');
      return steps.filter((step) => step.path === 'book').length;
    }),
  );
  expect(ordinals.toSorted((left, right) => left - right)).toEqual([...Array.from({ length: count - 1 }, () => 2), 3]);
  expect(world.slack.messages).toHaveLength(count);
  const booked = world.http.items.map(({ body }) => (JSON.parse(body) as { order: string }).order);
  expect(booked.toSorted()).toEqual(orders.toSorted());
  expect(await groups()).toMatchObject({ items: [], open: 0 });
});

it('says once that it is over', async () => {
  const types = () => alertsSent().map(({ body }) => (JSON.parse(body) as { type: string }).type);
  await expect.poll(types, { timeout: 150_000 }).toContain('dead_letters.resolved');
  expect(types().filter((type) => type === 'dead_letters.opened')).toHaveLength(1);
  expect(types().filter((type) => type === 'dead_letters.resolved')).toHaveLength(1);
});
