import { tables, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, eventNames, eventually, type Harness, type RunUnderTest } from './harness.ts';
import { retrying } from './plans.ts';
import { createProcesses, type Processes } from './processes.ts';

// Runs send events to runs, with the real worker and the real api, and workers that are killed meanwhile.

let harness: Harness;
let processes: Processes;

beforeAll(async () => {
  harness = await createHarness({ activities: {}, withoutWorker: true });
  processes = createProcesses(harness);
});
afterAll(async () => {
  processes.close();
  await harness.close();
});

const waiter = aPlan({
  steps: {
    wait: {
      type: 'waitForEvent',
      event: 'order.paid',
      correlationKey: '{{ trigger.key }}',
      match: null,
      timeout: null,
    },
    done: { type: 'return', output: '{{ steps.wait.output.data.amount }}' },
  },
  edges: ['start -> wait', 'wait -> done'],
});
const senderOf = (lane: 'durable' | 'express') =>
  aPlan({
    steps: {
      send: anAction({
        activity: 'control.sendEvent@1',
        input: { event: 'order.paid', correlationKey: '{{ trigger.key }}', data: { amount: '{{ trigger.amount }}' } },
        lane,
        options: { ...retrying(20), startToCloseTimeout: '3s' },
      }),
      done: { type: 'return', output: '{{ steps.send.output.id }}' },
    },
    edges: ['start -> send', 'send -> done'],
  });
const keysOf = (name: string) => Array.from({ length: 8 }, (_, index) => `${name}-${index}`);
const waitersOf = (keys: readonly string[]) =>
  Promise.all(keys.map((key) => harness.start(waiter, { trigger: { key } })));
const sendersOf = (keys: readonly string[], lane: 'durable' | 'express') =>
  Promise.all(keys.map((key, amount) => harness.start(senderOf(lane), { trigger: { key, amount } })));
const outputsOf = (runs: readonly RunUnderTest[]) => Promise.all(runs.map(async (run) => (await run.result()).output));
const eventsSent = () =>
  withSystem(harness.db, (tx) => tx.select().from(tables.events).where(eq(tables.events.orgId, harness.orgId)));

it('reach who waits and who will wait, once each, although workers are killed while they are sent', async () => {
  await processes.startApi();
  let worker = processes.start('worker');
  const late = keysOf('late');
  const early = keysOf('early');
  const waiting = await waitersOf(late);
  await eventually(
    () => withSystem(harness.db, (tx) => tx.select().from(tables.eventWaits)),
    (rows) => rows.length === late.length,
    60_000,
  );
  const senders = [...(await sendersOf(late, 'durable')), ...(await sendersOf(early, 'express'))];
  await eventually(eventsSent, (rows) => rows.length > 0, 60_000);
  await processes.kill(worker);
  worker = processes.start('worker');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await processes.kill(worker);
  processes.start('worker');

  const ids = await outputsOf(senders);
  expect(await outputsOf(waiting)).toEqual(late.map((_, amount) => amount));
  // Those that begin to wait only now find theirs.
  const later = await waitersOf(early);
  expect(await outputsOf(later)).toEqual(early.map((_, amount) => amount));

  const sent = await eventsSent();
  expect(sent).toHaveLength(late.length + early.length);
  expect(new Set(sent.map(({ eventId }) => eventId))).toEqual(new Set(ids));
  expect(sent.every(({ sentBy }) => senders.some(({ runId }) => runId === sentBy))).toBe(true);
  for (const run of [...waiting, ...later]) {
    const updates = (await eventNames(run)).filter((name) => name === 'workflowExecutionUpdateAccepted');
    expect(updates).toHaveLength(1);
  }
}, 240_000);
