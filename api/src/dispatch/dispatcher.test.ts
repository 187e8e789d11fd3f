import { tables, withOrg } from '@everwave/schema/db';
import { RunTooLarge } from '@everwave/temporal/runs';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode, webhookFlow } from '../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../testing/test-api.ts';
import { claimRuns } from './claim-runs.ts';
import { createDispatcher } from './dispatcher.ts';
import { backoffSeconds } from './note-start.ts';
import { createPlanCache } from './plan-cache.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
let flowId: string;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  developer = await org.as('developer');
  const graph = aGraph(
    [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
    [['start', 'end']],
  );
  flowId = (await developer('POST /v1/flows', { name: 'Orders', graph })).body.id;
  await developer(`POST /v1/flows/${flowId}/publish`);
  api.temporal.started.length = 0;
  api.temporal.down = false;
  await makeDue();
  await api.dependencies.dispatcher.round();
  api.temporal.started.length = 0;
});

const start = async (): Promise<string> => (await developer(`POST /v1/flows/${flowId}/runs`, {})).body.runId;

const rowOf = (runId: string) =>
  withOrg(api.db, org.orgId, async (tx) => {
    const [row] = await tx.select().from(tables.runs).where(eq(tables.runs.id, runId));
    return row;
  });

const deliveryOf = (runId: string) =>
  withOrg(api.db, org.orgId, async (tx) => {
    const [row] = await tx.select().from(tables.deliveries).where(eq(tables.deliveries.runId, runId));
    return row;
  });

/** Sends one delivery to a new flow and returns its run. */
const deliver = async (): Promise<string> => {
  const { id } = (await developer('POST /v1/flows', { name: 'Hooked', graph: webhookFlow() })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  const [{ url }] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
  return (await callWith(api.app)(`POST ${new URL(url).pathname}`, {})).body.runId;
};

const receivedLongAgo = (runId: string) =>
  withOrg(api.db, org.orgId, (tx) =>
    tx
      .update(tables.deliveries)
      .set({ receivedAt: new Date(Date.now() - 120_000) })
      .where(eq(tables.deliveries.runId, runId)),
  );

/** As if the waiting time had passed. */
const makeDue = () => withOrg(api.db, org.orgId, (tx) => tx.update(tables.runs).set({ nextStartAt: sql`now()` }));

describe('the dispatcher', () => {
  it('starts each run once when several processes dispatch at the same time', async () => {
    const runIds = await Promise.all(Array.from({ length: 20 }, start));
    const others = Array.from({ length: 4 }, () => createDispatcher(api.dependencies, { batch: 5 }));
    for (let round = 0; round < 3; round += 1) await Promise.all(others.map((dispatcher) => dispatcher.round()));
    const started = api.temporal.started.map(({ runId }) => runId);
    expect(started.toSorted()).toEqual(runIds.toSorted());
  });

  it('repeats until Temporal confirms, at growing intervals', async () => {
    const runId = await start();
    api.temporal.down = true;
    await api.dependencies.dispatcher.round();
    const failed = await rowOf(runId);
    expect(failed).toMatchObject({ status: 'queued', startAttempts: 1, temporalRunId: null });
    expect(failed?.nextStartAt.getTime()).toBeGreaterThan(Date.now());
    await api.dependencies.dispatcher.round();
    expect((await rowOf(runId))?.startAttempts).toBe(1);
    api.temporal.down = false;
    await makeDue();
    await api.dependencies.dispatcher.round();
    expect(await rowOf(runId)).toMatchObject({
      status: 'running',
      startAttempts: 2,
      temporalRunId: `temporal-${runId}`,
    });
  });

  it('takes over a run whose process died between claim and start', async () => {
    const runId = await start();
    expect((await claimRuns(api.db, createPlanCache(), 10)).runs.map(({ id }) => id)).toContain(runId);
    await api.dependencies.dispatcher.round();
    expect(api.temporal.started).toEqual([]);
    await makeDue();
    await api.dependencies.dispatcher.round();
    expect(api.temporal.started.map((input) => input.runId)).toEqual([runId]);
  });

  it('never overwrites what a worker has already reported', async () => {
    const runId = await start();
    api.temporal.meanwhile = async () => {
      const reported = { status: 'succeeded' as const, seq: 9, finishedAt: new Date() };
      await withOrg(api.db, org.orgId, (tx) => tx.update(tables.runs).set(reported).where(eq(tables.runs.id, runId)));
    };
    await api.dependencies.dispatcher.round();
    api.temporal.meanwhile = null;
    expect(await rowOf(runId)).toMatchObject({ status: 'succeeded', seq: 9, temporalRunId: `temporal-${runId}` });
  });

  it('counts a workflow that was already there as started', async () => {
    const runId = await start();
    api.temporal.alreadyStarted = true;
    await api.dependencies.dispatcher.round();
    api.temporal.alreadyStarted = false;
    expect(await rowOf(runId)).toMatchObject({ status: 'running', temporalRunId: null });
  });

  it('marks a delivery as dispatched whose process died right after it had started the run', async () => {
    const runId = await deliver();
    const reported = { status: 'running' as const, seq: 3 };
    await withOrg(api.db, org.orgId, (tx) => tx.update(tables.runs).set(reported).where(eq(tables.runs.id, runId)));
    await api.dependencies.dispatcher.round();
    expect(await deliveryOf(runId)).toMatchObject({ status: 'pending' });
    await receivedLongAgo(runId);
    await api.dependencies.dispatcher.round();
    expect(await deliveryOf(runId)).toMatchObject({ status: 'dispatched', dispatchedAt: expect.any(Date) });
    expect(api.temporal.started).toEqual([]);
  });

  it('ends a run as failed that is larger than Temporal takes, instead of trying for ever', async () => {
    const runId = await deliver();
    api.temporal.meanwhile = () => Promise.reject(new RunTooLarge('too large'));
    await api.dependencies.dispatcher.round();
    api.temporal.meanwhile = null;
    expect(await rowOf(runId)).toMatchObject({ status: 'failed', failure: { name: 'run_too_large' } });
    expect(await deliveryOf(runId)).toMatchObject({ status: 'rejected', lastError: 'too large' });
    await makeDue();
    await api.dependencies.dispatcher.round();
    expect(api.temporal.started).toEqual([]);
  });

  it('leaves a delivery pending for as long as its run is queued', async () => {
    const runId = await deliver();
    await receivedLongAgo(runId);
    api.temporal.down = true;
    await api.dependencies.dispatcher.round();
    expect(await deliveryOf(runId)).toMatchObject({ status: 'pending', lastError: expect.any(String) });
  });

  it('starts soon after it is asked, and stops when told', async () => {
    const dispatcher = createDispatcher(api.dependencies, { interval: 60_000 });
    dispatcher.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const runId = await start();
    dispatcher.kick();
    await expect.poll(() => api.temporal.started.map((input) => input.runId)).toContain(runId);
    await dispatcher.stop();
  });

  it('survives a database that goes away for a moment', async () => {
    const broken = { ...api.dependencies, db: { transaction: () => Promise.reject(new Error('gone')) } as never };
    const dispatcher = createDispatcher(broken, { interval: 5 });
    dispatcher.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await dispatcher.stop();
    expect(api.logLines.some((line) => line.includes('dispatch round failed'))).toBe(true);
  });
});

describe('the waiting time', () => {
  it('doubles from half a second to a minute', () => {
    const middle = [1, 2, 3, 8, 9, 50].map((attempts) => backoffSeconds(attempts, 0.5));
    expect(middle).toEqual([0.5, 1, 2, 60, 60, 60]);
    expect(backoffSeconds(1, 0)).toBe(0.375);
    expect(backoffSeconds(1, 1)).toBe(0.625);
  });
});
