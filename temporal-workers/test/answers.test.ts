import { randomBytes } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { eq, isNotNull } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiCaller, createApiCaller } from './api-caller.ts';
import { createHarness, eventually, type Harness } from './harness.ts';
import { createProcesses, type Processes } from './processes.ts';

// The real api, twice, and the real worker, as processes: a webhook's caller waits for what the run says.

let harness: Harness;
let processes: Processes;
let caller: ApiCaller;
let apis: readonly [string, string];

beforeAll(async () => {
  harness = await createHarness({ activities: {}, withoutWorker: true });
  processes = createProcesses(harness);
  caller = await createApiCaller(harness, 'developer');
  processes.start('worker');
  apis = await Promise.all([processes.startApi(), processes.startApi()]).then(([one, other]) => [one.url, other.url]);
}, 120_000);
afterAll(async () => {
  processes.close();
  await harness.close();
});

type Node = { id: string; kind: string; input?: object };

/** Publishes a flow whose steps follow one another, and returns its webhook's path. */
const publish = async (nodes: readonly Node[], settings: object = {}): Promise<string> => {
  const graph = {
    nodes: [{ id: 'hook', kind: 'trigger.webhook', input: { answer: 'result' } }, ...nodes].map((node) => ({
      title: node.id,
      ...node,
    })),
    edges: nodes.map(({ id }, index) => ({ id, from: nodes[index - 1]?.id ?? 'hook', to: id })),
    settings,
  };
  const { id } = await caller.call(apis[0], 'POST', '/v1/flows', {
    name: `Flow ${randomBytes(4).toString('hex')}`,
    graph,
  });
  await caller.call(apis[0], 'POST', `/v1/flows/${id}/publish`, {});
  const [{ url }] = (await caller.call(apis[0], 'GET', `/v1/flows/${id}`)).triggers;
  return new URL(url).pathname;
};

const ask = (path: string, body: unknown, { url = apis[0], id = randomBytes(8).toString('hex') } = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': id },
    body: JSON.stringify(body),
  });

const say = {
  id: 'say',
  kind: 'control.respond',
  input: { status: 201, headers: { 'x-order': '{{ trigger.body.id }}' }, body: { total: '{{ vars.total * 2 }}' } },
};
const total = {
  id: 'total',
  kind: 'control.setVariables',
  input: { variables: { total: '{{ trigger.body.total }}' } },
};
const pause = { id: 'pause', kind: 'control.delay', input: { duration: '3s' } };

const statusOf = async (runId: string): Promise<string | undefined> => {
  const [row] = await withSystem(harness.db, (tx) =>
    tx.select({ status: tables.runs.status }).from(tables.runs).where(eq(tables.runs.id, runId)),
  );
  return row?.status;
};
const runsOf = async (flow: string) =>
  (await withSystem(harness.db, (tx) => tx.select().from(tables.deliveries))).filter(
    ({ deliveryId }) => deliveryId === flow,
  );

describe('a webhook’s caller', () => {
  it.each([
    ['durable', { lane: 'durable' }],
    ['express', { lane: 'express' }],
  ])('gets what a Respond step says while the run goes on, in a %s flow', async (_lane, settings) => {
    const path = await publish([total, say, pause], settings);
    const id = randomBytes(8).toString('hex');
    const response = await ask(path, { id: 'A-1042', total: 21 }, { id });
    expect([response.status, await response.json(), response.headers.get('x-order')]).toEqual([
      201,
      { total: 42 },
      'A-1042',
    ]);
    const [delivery] = await runsOf(id);
    const runId = delivery?.runId ?? '';
    expect(['running', 'waiting']).toContain(await statusOf(runId));
    await eventually(
      () => statusOf(runId),
      (status) => status === 'succeeded',
      30_000,
    );
  });

  it('gets it from an express flow whose runs share a workflow', async () => {
    const path = await publish([total, say], { lane: 'express' });
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        ask(path, { id: `n${index}`, total: index }, { url: apis[index % 2] ?? '' }),
      ),
    );
    const answers = await Promise.all(responses.map((response) => response.json()));
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 201));
    expect(answers).toEqual(Array.from({ length: 40 }, (_, index) => ({ total: 2 * index })));
    const hosted = await withSystem(harness.db, (tx) =>
      tx.select({ id: tables.runs.id }).from(tables.runs).where(isNotNull(tables.runs.hostWorkflowId)),
    );
    expect(hosted.length).toBeGreaterThan(1);
  });

  it('gets what the run gives, without a Respond step', async () => {
    const path = await publish([total, { id: 'end', kind: 'control.return', input: { output: '{{ vars.total }}' } }]);
    const response = await ask(path, { total: 7 });
    expect([response.status, await response.json()]).toEqual([200, 7]);
  });

  it('gets a problem with the run’s id when the run fails: it does not wait for a person', async () => {
    const path = await publish([
      { id: 'say', kind: 'control.respond', input: { status: '{{ trigger.body.status }}' } },
    ]);
    const id = randomBytes(8).toString('hex');
    const response = await ask(path, { status: 1_000 }, { id });
    const [delivery] = await runsOf(id);
    expect([response.status, await response.json()]).toMatchObject([
      500,
      { code: 'run_failed', runId: delivery?.runId },
    ]);
  });

  it('gets the same answer for the same request from another api, and one run is made', async () => {
    const path = await publish([total, say]);
    const id = randomBytes(8).toString('hex');
    const responses = await Promise.all(
      [apis[0], apis[1], apis[0], apis[1]].map((url) => ask(path, { id: 'A', total: 4 }, { url, id })),
    );
    expect(await Promise.all(responses.map((response) => response.json()))).toEqual(
      responses.map(() => ({ total: 8 })),
    );
    expect(new Set((await runsOf(id)).map(({ runId }) => runId)).size).toBe(1);
  });

  it('whose api is killed while it waits, asks another one and gets the answer of the same run', async () => {
    const path = await publish([{ id: 'wait', kind: 'control.delay', input: { duration: '4s' } }, total, say]);
    const doomed = await processes.startApi();
    const id = randomBytes(8).toString('hex');
    const broken = ask(path, { id: 'A', total: 5 }, { url: doomed.url, id }).then(
      () => 'answered',
      () => 'broken off',
    );
    const [delivery] = await eventually(
      () => runsOf(id),
      (rows) => rows.length === 1,
    );
    // Else its api may have taken it to be started, and others leave it to that one for half a minute.
    await eventually(
      () => statusOf(delivery?.runId ?? ''),
      (status) => status !== 'queued',
    );
    await processes.kill(doomed.process);
    expect(await broken).toBe('broken off');
    const response = await ask(path, { id: 'A', total: 5 }, { url: apis[1], id });
    expect([response.status, await response.json()]).toEqual([201, { total: 10 }]);
    expect(await runsOf(id)).toHaveLength(1);
  });
}, 120_000);
