import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { asc, eq, inArray, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode, webhookFlow } from '../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../testing/test-api.ts';
import { createDispatcher } from './dispatcher.ts';
import { createPlacer } from './place-runs.ts';

const { deliveries, runs } = tables;

let api: TestApi;
let org: TestOrg;
let developer: Call;
let admin: Call;
let flowId: string;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  // What another test has left is nothing to this one.
  await withSystem(api.db, (tx) => tx.update(runs).set({ status: 'cancelled' }).where(eq(runs.status, 'queued')));
  org = await api.createOrg();
  developer = await org.as('developer');
  admin = await org.as('admin');
  flowId = await publish(developer);
  api.temporal.started.length = 0;
  api.temporal.cancelled.length = 0;
});

const publish = async (call: Call): Promise<string> => {
  const graph = aGraph(
    [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
    [['start', 'end']],
  );
  const { id } = (await call('POST /v1/flows', { name: 'Orders', graph })).body;
  await call(`POST /v1/flows/${id}/publish`);
  return id;
};
const limitFlow = async (limit: object | null, flow = flowId) =>
  expect((await developer(`PUT /v1/flows/${flow}/limits`, { runs: limit })).status).toBe(200);
const start = async (flow = flowId, call = developer): Promise<string> =>
  (await call(`POST /v1/flows/${flow}/runs`, {})).body.runId;
const startSome = async (count: number, flow = flowId): Promise<string[]> => {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push(await start(flow));
  return ids;
};
const mine = () =>
  withOrg(api.db, org.orgId, (tx) => tx.select().from(runs).where(eq(runs.orgId, org.orgId)).orderBy(asc(runs.id)));
const withStatus = async (status: string) => (await mine()).filter((run) => run.status === status).map(({ id }) => id);
/** As a worker reports it. */
const end = (...ids: string[]) =>
  withOrg(api.db, org.orgId, (tx) =>
    tx.update(runs).set({ status: 'succeeded', finishedAt: new Date() }).where(inArray(runs.id, ids)),
  );
const startedFlows = () => api.temporal.started.map(({ plan }) => plan.flowId);

describe('a flow with a limit of two runs at once', () => {
  beforeEach(() => limitFlow({ atOnce: 2 }));

  it('starts two, says of the others why they wait, and starts the next when one has ended', async () => {
    const ids = await startSome(5);
    await api.dispatch();
    expect(await withStatus('running')).toEqual(ids.slice(0, 2));
    const { body } = await developer(`GET /v1/runs/${ids[4]}`);
    expect(body.placeWait).toEqual({
      limit: 'flow',
      atOnce: 2,
      running: 2,
      before: 2,
      message: 'Waits for a free place of the flow “Orders” (2 runs at once): 2 before it.',
    });
    expect((await developer(`GET /v1/flows/${flowId}/limits`)).body.usage.runs).toEqual({ running: 2, waiting: 3 });
    await end(ids[0] ?? '');
    await api.dispatch();
    expect(await withStatus('running')).toEqual(ids.slice(1, 3));
  });

  it('never has more, with several processes giving places while runs begin and end', async () => {
    const processes = [1, 2, 3].map(() => ({
      placer: createPlacer(api.dependencies, () => {}),
      dispatcher: createDispatcher(api.dependencies),
    }));
    await startSome(8);
    let most = 0;
    for (let round = 0; round < 40 && (await withStatus('succeeded')).length < 8; round += 1) {
      await Promise.all(processes.flatMap(({ placer, dispatcher }) => [placer.round(), dispatcher.round()]));
      const all = await mine();
      const held = all.filter(({ status, placedAt }) => ['queued', 'running'].includes(status) && placedAt !== null);
      most = Math.max(most, held.length);
      await end(...(await withStatus('running')));
    }
    expect(most).toBe(2);
    expect(await withStatus('succeeded')).toHaveLength(8);
    expect(api.temporal.started.map(({ runId }) => runId).toSorted()).toEqual(await withStatus('succeeded'));
  });

  it('keeps the place of a run whose process died before it was started, and gives it to no other', async () => {
    const ids = await startSome(3);
    await api.dependencies.placer.round();
    // The process ends here. Another one, later:
    await api.dependencies.placer.round();
    const placed = (await mine()).filter(({ placedAt }) => placedAt !== null).map(({ id }) => id);
    expect(placed).toEqual(ids.slice(0, 2));
    await api.dispatch();
    expect(await withStatus('running')).toEqual(ids.slice(0, 2));
  });

  it('has its places back from runs that were cancelled, park, or wait for something', async () => {
    const ids = await startSome(5);
    await api.dispatch();
    await withOrg(api.db, org.orgId, (tx) =>
      tx
        .update(runs)
        .set({ status: 'needs_attention' })
        .where(eq(runs.id, ids[0] ?? '')),
    );
    await withOrg(api.db, org.orgId, (tx) =>
      tx
        .update(runs)
        .set({ status: 'waiting' })
        .where(eq(runs.id, ids[1] ?? '')),
    );
    expect((await developer(`POST /v1/runs/${ids[2]}/cancel`)).status).toBe(202);
    await api.dispatch();
    expect(await withStatus('running')).toEqual(ids.slice(3));
  });

  it('does not count a sub-flow that its parent waits for, and counts one that goes on alone', async () => {
    const [first = ''] = await startSome(1);
    await api.dispatch();
    const [row] = await mine();
    if (!row) throw new Error('no run');
    const child = (name: string, parentWaits: boolean) => ({
      ...row,
      id: `run_${name.repeat(32)}`,
      workflowId: `child-${name}`,
      parentRunId: first,
      parentPath: 'sub',
      parentOrdinal: 1,
      parentWaits,
    });
    await withOrg(api.db, org.orgId, (tx) => tx.insert(runs).values(child('a', true)));
    expect((await developer(`GET /v1/flows/${flowId}/limits`)).body.usage.runs.running).toBe(1);
    await withOrg(api.db, org.orgId, (tx) => tx.insert(runs).values(child('b', false)));
    const next = await start();
    await api.dispatch();
    expect(await withStatus('queued')).toEqual([next]);
  });

  it('lets all begin once the limit is lifted', async () => {
    await startSome(4);
    await api.dispatch();
    await limitFlow(null);
    await api.dispatch();
    expect(await withStatus('running')).toHaveLength(4);
  });
});

it('a rate lets so many begin within its window, and the next when the first has left it', async () => {
  await limitFlow({ rate: { count: 3, seconds: 3_600 } });
  const ids = await startSome(5);
  await api.dispatch();
  await end(...ids.slice(0, 3));
  await api.dispatch();
  expect(await withStatus('queued')).toEqual(ids.slice(3));
  await withOrg(api.db, org.orgId, (tx) =>
    tx
      .update(runs)
      .set({ placedAt: sql`now() - interval '61 minutes'` })
      .where(eq(runs.id, ids[0] ?? '')),
  );
  await api.dispatch();
  expect(await withStatus('running')).toEqual([ids[3]]);
});

it("an org's limit is shared by its flows in turn, and says so where a run waits", async () => {
  const other = await publish(developer);
  await admin('PUT /v1/limits', { runs: { atOnce: 4 } });
  await startSome(10);
  await startSome(2, other);
  await api.dispatch();
  expect(startedFlows().filter((flow) => flow === other)).toHaveLength(2);
  expect(startedFlows()).toHaveLength(4);
  const [, , last] = (await mine()).filter(({ status }) => status === 'queued');
  const { placeWait } = (await developer(`GET /v1/runs/${last?.id}`)).body;
  expect(placeWait).toMatchObject({ limit: 'org', running: 4, before: 2 });
});

describe('a full flow', () => {
  let hook: string;
  const sender = (body: object, id: string) => callWith(api.app)(`POST ${hook}`, body, { 'webhook-id': id });
  const openHook = async (limit: object) => {
    const { id } = (await developer('POST /v1/flows', { name: 'Hooked', graph: webhookFlow() })).body;
    await developer(`POST /v1/flows/${id}/publish`);
    const [{ url }] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
    hook = new URL(url).pathname;
    flowId = id;
    await limitFlow(limit, id);
  };
  const inbox = async () => (await developer('GET /v1/deliveries')).body.items;

  it('has deliveries wait in the inbox, with the reason', async () => {
    await openHook({ atOnce: 1 });
    for (const id of ['a', 'b', 'c']) expect((await sender({}, id)).status).toBe(202);
    await api.dispatch();
    expect((await inbox()).map((one: { waitsForPlace: boolean }) => one.waitsForPlace)).toEqual([true, true, false]);
    const { body } = await developer(`GET /v1/deliveries/${(await inbox())[0].id}`);
    expect(body.placeWait.message).toBe('Waits for a free place of the flow “Hooked” (1 run at once): 1 before it.');
  });

  it('that refuses answers 429 and stores nothing, and what came earlier is still known', async () => {
    await openHook({ atOnce: 1, whenFull: 'refuse' });
    const first = await sender({}, 'a');
    const answers = await Promise.all(['b', 'c', 'd'].map((id) => sender({}, id)));
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      Array.from({ length: 3 }, () => [429, 'run_limit_reached']),
    );
    expect(answers[0]?.headers.get('retry-after')).toBe('5');
    expect((await sender({}, 'a')).body).toEqual(first.body);
    expect(await inbox()).toHaveLength(1);
    expect((await developer(`POST /v1/flows/${flowId}/runs`, {})).body.code).toBe('run_limit_reached');
    await api.dispatch();
    await end(first.body.runId);
    expect((await sender({}, 'b')).status).toBe(202);
  });

  it('that refuses has no more than its places although many come at once', async () => {
    await openHook({ atOnce: 3, whenFull: 'refuse' });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => sender({}, `${index}`)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(9);
  });

  it('that skips keeps the delivery without a run, and a person can still run it', async () => {
    await openHook({ atOnce: 1, whenFull: 'skip' });
    await sender({}, 'a');
    const skipped = await sender({ key: 'k' }, 'b');
    expect([skipped.status, skipped.body]).toEqual([202, { deliveryId: skipped.body.deliveryId, skipped: true }]);
    expect((await sender({ key: 'k' }, 'b')).body).toEqual(skipped.body);
    const [delivery] = (await developer('GET /v1/deliveries?status=skipped')).body.items;
    expect(delivery).toMatchObject({ runId: null, lastError: 'The flow is at its limit: 1 run at once.' });
    expect((await developer(`POST /v1/deliveries/${delivery.id}/replay`)).status).toBe(202);
    expect((await developer(`POST /v1/deliveries/${delivery.id}/replay`)).body.code).toBe('delivery_not_held');
    await api.dispatch();
    expect(await withStatus('queued')).toHaveLength(1);
  });

  it('that replaces has the running one end, keeps the newest of those that wait, and starts it afterwards', async () => {
    await openHook({ atOnce: 1, whenFull: 'replace' });
    const first = (await sender({}, 'a')).body.runId;
    await api.dispatch();
    const others = [];
    for (const id of ['b', 'c', 'd']) others.push((await sender({}, id)).body.runId);
    await api.dispatch();
    await api.dispatch();
    expect(api.temporal.cancelled.map(({ runId }) => runId)).toEqual([first]);
    expect(await withStatus('running')).toEqual([first]);
    expect(await withStatus('cancelled')).toEqual(others.slice(0, 2));
    await withOrg(api.db, org.orgId, (tx) => tx.update(runs).set({ status: 'cancelled' }).where(eq(runs.id, first)));
    await api.dispatch();
    expect(await withStatus('running')).toEqual([others[2]]);
    expect((await developer(`GET /v1/runs/${first}`)).body.replacedByRunId).toBe(others[2]);
  });
});

it("one org's ten thousand due runs hold up another's one by one place per turn", async () => {
  const quiet = await api.createOrg();
  const call = await quiet.as('developer');
  const quietFlow = await publish(call);
  const sample = await start();
  const [row] = await mine();
  if (!row) throw new Error('no run');
  await withSystem(api.db, async (tx) => {
    const copies = Array.from({ length: 10_000 }, (_, index) => ({
      ...row,
      id: `run_${index.toString(16).padStart(32, '0')}`,
      workflowId: `flood-${org.orgId}-${index}`,
    }));
    for (let from = 0; from < copies.length; from += 1_000) {
      await tx.insert(runs).values(copies.slice(from, from + 1_000));
    }
  });
  const id = await start(quietFlow, call);
  await createDispatcher(api.dependencies).round();
  const position = api.temporal.started.findIndex(({ runId }) => runId === id);
  expect(position).toBeGreaterThanOrEqual(0);
  expect(position).toBeLessThanOrEqual(2);
  expect(api.temporal.started.map(({ runId }) => runId)).not.toContain(sample);
});

it('deliveries that were held in an org for long do not hold up those of another', async () => {
  const hold = async (call: Call, count: number) => {
    const { id } = (await call('POST /v1/flows', { name: 'Held', graph: webhookFlow() })).body;
    await call(`POST /v1/flows/${id}/publish`);
    await call(`POST /v1/flows/${id}/deactivate`);
    const [{ url }] = (await call(`GET /v1/flows/${id}`)).body.triggers;
    for (let index = 0; index < count; index += 1) await callWith(api.app)(`POST ${new URL(url).pathname}`, {});
    await call(`POST /v1/flows/${id}/activate`);
  };
  const other = await api.createOrg();
  await hold(developer, 20);
  await hold(await other.as('developer'), 1);
  await createDispatcher(api.dependencies).round();
  const released = await withSystem(api.db, (tx) =>
    tx.select({ status: deliveries.status }).from(deliveries).where(eq(deliveries.orgId, other.orgId)),
  );
  expect(released).toEqual([{ status: expect.not.stringMatching('held') }]);
});
