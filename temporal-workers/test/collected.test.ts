import { tables, withSystem } from '@everwave/schema/db';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiCaller, createApiCaller } from './api-caller.ts';
import { createHarness, eventually, type Harness } from './harness.ts';
import { createProcesses, type Processes } from './processes.ts';

// Deliveries that wait for others, with real apis that are killed while they take them and while they make runs of them.

let harness: Harness;
let processes: Processes;
let caller: ApiCaller;

beforeAll(async () => {
  harness = await createHarness({ activities: {}, withoutWorker: true });
  processes = createProcesses(harness);
  caller = await createApiCaller(harness, 'developer');
});
afterAll(async () => {
  processes.close();
  await harness.close();
});

const graph = {
  nodes: [
    {
      id: 'hook',
      kind: 'trigger.webhook',
      title: 'Order',
      input: {
        debounce: { key: '{{ trigger.body.order }}', quietPeriod: '2s', maximumWait: '6s', payloads: 'all' },
      },
    },
    {
      id: 'end',
      kind: 'control.return',
      title: 'Numbers',
      input: { output: { numbers: '{{ [trigger.items.body.n] }}', order: '{{ trigger.items[0].body.order }}' } },
    },
  ],
  edges: [{ id: 'e', from: 'hook', to: 'end' }],
};

it('brings every delivery into one run, with others of its key alone, although apis are killed', async () => {
  processes.start('worker');
  let api = await processes.startApi();
  const { id } = await caller.call(api.url, 'POST', '/v1/flows', { name: 'Orders', graph });
  await caller.call(api.url, 'POST', `/v1/flows/${id}/publish`, {});
  const [trigger] = (await caller.call(api.url, 'GET', `/v1/flows/${id}`)).triggers;
  const hook = new URL(trigger.url).pathname;
  const all = Array.from({ length: 60 }, (_, n) => n);
  const send = async (n: number): Promise<boolean> => {
    try {
      const response = await fetch(`${api.url}${hook}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'webhook-id': `d${n}` },
        body: JSON.stringify({ order: `o${n % 4}`, n }),
      });
      return response.status === 202;
    } catch {
      return false;
    }
  };
  // What was not acknowledged is sent again, as senders do; some of it was stored all the same.
  let left = all;
  for (let round = 0; left.length > 0; round += 1) {
    const sending = Promise.all(left.map(async (n) => ((await send(n)) ? [] : [n])));
    if (round < 3) {
      await new Promise((resolve) => setTimeout(resolve, 60 * (round + 1)));
      await processes.kill(api.process);
    }
    left = (await sending).flat();
    if (round < 3) api = await processes.startApi();
  }
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await processes.kill(api.process);
  await processes.startApi();

  const deliveries = await eventually(
    () => withSystem(harness.db, (tx) => tx.select().from(tables.deliveries)),
    (rows) => rows.length === all.length && rows.every(({ status }) => status === 'dispatched'),
    120_000,
  );
  const runIds = [...new Set(deliveries.map(({ runId }) => runId ?? ''))];
  const outputs = await Promise.all(
    runIds.map(async (runId) => {
      const handle = harness.client.workflow.getHandle(`t/${harness.orgId}/r/${runId}`);
      return ((await handle.result()) as { output: { numbers: number[]; order: string } }).output;
    }),
  );
  expect(outputs.flatMap(({ numbers }) => numbers).toSorted((left, right) => left - right)).toEqual(all);
  for (const { numbers, order } of outputs) expect(numbers.map((n) => `o${n % 4}`)).toEqual(numbers.map(() => order));
  expect(runIds.length).toBeLessThan(all.length);
  const runs = await withSystem(harness.db, (tx) => tx.select({ id: tables.runs.id }).from(tables.runs));
  expect(runs).toHaveLength(runIds.length);
}, 240_000);
