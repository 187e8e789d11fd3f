import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OrderFlow, publishOrderFlow } from './order-flow.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';
import { type LiveProduct, startLiveProduct } from './product.ts';

// Real processes, killed with SIGKILL in the middle of a run. The vendors are not ours to kill: they count.

let world: OutsideWorld;
let product: LiveProduct;
let flow: OrderFlow;

beforeAll(async () => {
  world = await startOutsideWorld();
  product = await startLiveProduct(world.egressAllow);
  flow = await publishOrderFlow(product, world, '2s');
}, 300_000);

afterAll(async () => {
  await product?.stop();
  await world?.close();
}, 60_000);

const anOrder = (): string => `A${randomUUID().slice(0, 8)}`;
const succeeded = ['succeeded', ({ status }: { status: string }) => status === 'succeeded'] as const;

const untilStep = (runId: string, path: string, status: string) =>
  product.waitFor(runId, `had ${path} ${status}`, ({ steps }) =>
    steps.some((step) => step.path === path && step.status === status),
  );

it.each(['worker', 'api', 'temporal', 'postgres'] as const)(
  'ends the run with each effect once when the %s is killed while the run waits',
  async (victim) => {
    const order = anOrder();
    const { runId } = await flow.deliver(order);
    await untilStep(runId, 'pause', 'waiting');
    expect(product.kill(victim)).toBe(true);
    const run = await product.waitFor(runId, ...succeeded);
    expect(run.output).toBe(order);
    expect(world.effectsOf(order)).toEqual({ mails: 1, messages: 1 });
    // What had been done before the kill was not done again.
    expect(run.attempts.filter(({ path }) => path === 'customer')).toHaveLength(1);
  },
);

it('posts to Slack once when the worker is killed between the post and its answer', async () => {
  const order = anOrder();
  world.slack.faults.add({ path: '/api/chat.postMessage', when: 'after', how: 'hang' });
  const { runId } = await flow.deliver(order);
  await expect.poll(() => world.effectsOf(order).messages, { timeout: 60_000 }).toBe(1);
  expect(product.kill('worker')).toBe(true);
  const run = await product.waitFor(runId, ...succeeded);
  expect(world.effectsOf(order)).toEqual({ mails: 1, messages: 1 });
  // The second attempt looked before it posted. The first one's row may have died with its worker.
  expect(run.attempts.findLast(({ path }) => path === 'slack')?.attempt).toBeGreaterThan(1);
});

it('does not send an e-mail again whose answer was lost with the worker: it asks a person', async () => {
  const order = anOrder();
  world.mail.failNext({ at: 'content', how: 'hang' });
  const { runId } = await flow.deliver(order);
  await expect.poll(() => world.effectsOf(order).mails, { timeout: 60_000 }).toBe(1);
  expect(product.kill('worker')).toBe(true);

  const parked = await untilStep(runId, 'email', 'needs_attention');
  const step = parked.steps.find(({ path }) => path === 'email');
  expect(step?.failure?.unsure).toBe(true);
  expect(world.effectsOf(order).mails).toBe(1);

  await product.repair(runId, { action: 'completeStep', path: 'email', output: { confirmed: 'by phone' } });
  await product.waitFor(runId, ...succeeded);
  expect(world.effectsOf(order)).toEqual({ mails: 1, messages: 1 });
});

it('accepts webhooks while Temporal is down, and starts each once when it is back', async () => {
  const outage = product.hold('temporal');
  const orders = Array.from({ length: 5 }, anOrder);
  const started = await Promise.all(orders.map((order) => flow.deliver(order)));
  // The sender repeats itself, as senders do.
  const again = await Promise.all(orders.map((order) => flow.deliver(order)));
  expect(again).toEqual(started);
  outage.release();
  for (const { runId } of started) await product.waitFor(runId, ...succeeded);
  for (const order of orders) expect(world.effectsOf(order)).toEqual({ mails: 1, messages: 1 });
});

it('loses and doubles nothing when workers, api and Temporal are killed while many runs are open', async () => {
  const orders = Array.from({ length: 12 }, anOrder);
  let kills = 0;
  for (const [index, victim] of (['worker', 'api', 'temporal', 'worker'] as const).entries()) {
    setTimeout(() => (kills += product.kill(victim) ? 1 : 0), 800 + index * 2_300);
  }
  const started = await Promise.all(orders.map((order) => flow.deliver(order)));
  const ended = await Promise.all(
    started.map(({ runId }) =>
      product.waitFor(runId, 'ended or parked', ({ status }) => ['succeeded', 'needs_attention'].includes(status)),
    ),
  );
  expect(kills).toBeGreaterThanOrEqual(3);
  for (const [index, run] of ended.entries()) {
    const order = orders[index] ?? '';
    if (run.status === 'needs_attention') {
      const parked = run.steps.filter(({ status }) => status === 'needs_attention');
      expect(parked).toMatchObject([{ path: 'email', failure: { unsure: true } }]);
      await product.repair(run.id, { action: 'completeStep', path: 'email', output: null });
      await product.waitFor(run.id, ...succeeded);
    }
    const { mails, messages } = world.effectsOf(order);
    expect(messages).toBe(1);
    expect(mails).toBeLessThanOrEqual(1);
    if (run.status === 'succeeded') expect(mails).toBe(1);
  }
});
