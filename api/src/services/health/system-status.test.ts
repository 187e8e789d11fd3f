import { tables, withSystem } from '@everwave/schema/db';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aGraph, aNode, webhookFlow } from '../../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi } from '../../testing/test-api.ts';

let api: TestApi;
let operator: Call;
let developer: Call;
let flowId: string;
beforeAll(async () => {
  api = await createTestApi();
  const org = await api.createOrg();
  operator = await org.as('operator');
  const nodes = [aNode('start', 'trigger.manual'), aNode('fetch', 'example.read', { input: { key: 'a' } })];
  const graph = aGraph(nodes, [['start', 'fetch']]);
  developer = await org.as('developer');
  flowId = (await developer('POST /v1/flows', { name: 'Reads', graph })).body.id;
});
afterAll(() => api.close());

const seen = (identity: string) => ({ identity, lastSeenAt: Date.parse('2026-06-10T12:00:00Z') });

it('tells dependencies, workers by queue, and what waits in this org', async () => {
  api.temporal.queues = [
    { queue: 'flow', kind: 'workflow', backlog: 0, oldestMs: 0, pollers: [seen('w2'), seen('w1'), seen('w1')] },
    { queue: 'code', kind: 'activity', backlog: 4, oldestMs: 900, pollers: [seen('w1')] },
  ];
  const { status, body } = await operator('GET /v1/system/status');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'ok',
    problems: [],
    version: '0.0.0-test',
    checks: { postgres: { ok: true }, temporal: { ok: true } },
    workers: [
      { identity: 'w1', queues: ['code', 'flow'], lastSeenAt: '2026-06-10T12:00:00.000Z' },
      { identity: 'w2', queues: ['flow'] },
    ],
    taskQueues: [
      { queue: 'flow', workers: 2 },
      { queue: 'code', backlog: 4, oldestMs: 900, workers: 1 },
    ],
    backlog: {
      queuedRuns: 0,
      oldestQueuedMs: 0,
      pendingDeliveries: 0,
      heldDeliveries: 0,
      collectingDeliveries: 0,
      deadLetters: 0,
    },
  });
});

it('says that nobody executes runs when no worker serves their queue', async () => {
  api.temporal.queues = [{ queue: 'flow', kind: 'workflow', backlog: 9, oldestMs: 5_000, pollers: [] }];
  const { body } = await operator('GET /v1/system/status');
  expect(body).toMatchObject({ status: 'degraded', problems: [expect.stringContaining('No worker')], workers: [] });
});

it('says what to do when steps wait on a queue that no worker serves, and is content when none waits there', async () => {
  const flow = { queue: 'flow', kind: 'workflow', backlog: 0, oldestMs: 0, pollers: [seen('w1')] } as const;
  const code = { queue: 'code', kind: 'activity', backlog: 0, oldestMs: 0, pollers: [] } as const;
  api.temporal.queues = [flow, code];
  expect((await operator('GET /v1/system/status')).body.status).toBe('ok');
  api.temporal.queues = [flow, { ...code, backlog: 3 }];
  expect((await operator('GET /v1/system/status')).body.problems).toEqual([
    'No worker serves the queue "code", and 3 steps wait there: start one with code in EVERWAVE_WORKER_QUEUES.',
  ]);
});

it('answers without Temporal, and says so', async () => {
  api.temporal.down = true;
  const { status, body } = await operator('GET /v1/system/status');
  api.temporal.down = false;
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'degraded',
    problems: ['Temporal does not answer.'],
    workers: null,
    taskQueues: null,
    backlog: { queuedRuns: 0 },
  });
});

it('counts what waits, and only what is this org’s own', async () => {
  await developer(`POST /v1/flows/${flowId}/publish`);
  const started = await operator(`POST /v1/flows/${flowId}/runs`, {});
  expect(started.status).toBeLessThan(300);
  const stranger = await (await api.createOrg('Other')).as('operator');
  expect((await operator('GET /v1/system/status')).body.backlog.queuedRuns).toBe(1);
  expect((await stranger('GET /v1/system/status')).body.backlog.queuedRuns).toBe(0);
});

it('counts deliveries that wait for others, and says when their run is late', async () => {
  const org = await api.createOrg('Collects');
  const call = await org.as('developer');
  const graph = webhookFlow({ input: { debounce: { quietPeriod: '10m', maximumWait: '10m' } } });
  const { id } = (await call('POST /v1/flows', { name: 'Collects', graph })).body;
  expect((await call(`POST /v1/flows/${id}/publish`)).status).toBe(201);
  const [{ url }] = (await call(`GET /v1/flows/${id}`)).body.triggers;
  for (const n of [1, 2]) {
    expect((await callWith(api.app)(`POST ${new URL(url).pathname}`, { n })).status).toBe(202);
  }
  const backlog = async () => (await call('GET /v1/system/status')).body.backlog;
  expect(await backlog()).toMatchObject({ collectingDeliveries: 2, oldestQueuedMs: 0 });
  await withSystem(api.db, (tx) =>
    tx
      .update(tables.collections)
      .set({ dueAt: sql`now() - interval '2 minutes'` })
      .where(eq(tables.collections.orgId, org.orgId)),
  );
  expect((await backlog()).oldestQueuedMs).toBeGreaterThanOrEqual(119_000);
  const { status, problems } = (await call('GET /v1/system/status')).body;
  expect({ status, problems }).toMatchObject({
    status: 'degraded',
    problems: expect.arrayContaining(['Runs wait to be started for more than a minute.']),
  });
});

it('names the queues that no worker serves to whoever may see runs, and asks Temporal once for all of them', async () => {
  const own = await createTestApi();
  try {
    const viewer = await (await own.createOrg()).as('viewer');
    own.temporal.queues = [
      { queue: 'flow', kind: 'activity', backlog: 0, oldestMs: 0, pollers: [] },
      { queue: 'flow', kind: 'workflow', backlog: 0, oldestMs: 0, pollers: [seen('w1')] },
      { queue: 'code', kind: 'activity', backlog: 3, oldestMs: 0, pollers: [] },
    ];
    expect(await viewer('GET /v1/system/unserved-queues')).toMatchObject({ status: 200, body: { items: ['code'] } });
    own.temporal.queues = [];
    expect((await viewer('GET /v1/system/unserved-queues')).body).toEqual({ items: ['code'] });
  } finally {
    await own.close();
  }
});

it('is for those who operate', async () => {
  const viewer = await (await api.createOrg('Third')).as('viewer');
  expect((await viewer('GET /v1/system/status')).status).toBe(403);
});
