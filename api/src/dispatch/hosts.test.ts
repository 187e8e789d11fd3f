import { tables, withOrg } from '@everwave/schema/db';
import { hostLimits } from '@everwave/schema/run';
import { RunTooLarge } from '@everwave/temporal/runs';
import { asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode } from '../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../testing/test-api.ts';
import { claimRuns } from './claim-runs.ts';
import { createDispatcher } from './dispatcher.ts';
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
  flowId = await publish('express');
  api.temporal.started.length = 0;
  api.temporal.hosts.length = 0;
  api.temporal.cancelled.length = 0;
  api.temporal.down = false;
});

const publish = async (lane: 'durable' | 'express'): Promise<string> => {
  const graph = {
    ...aGraph(
      [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
      [['start', 'end']],
    ),
    settings: { lane },
  };
  const { id } = (await developer('POST /v1/flows', { name: 'Orders', graph })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  return id;
};

const startOf = async (flow: string, input: unknown = null): Promise<string> =>
  (await developer(`POST /v1/flows/${flow}/runs`, { input })).body.runId;
const start = (count: number): Promise<string[]> => Promise.all(Array.from({ length: count }, () => startOf(flowId)));
const round = () => createDispatcher(api.dependencies).round();
const rows = () => withOrg(api.db, org.orgId, (tx) => tx.select().from(tables.runs).orderBy(asc(tables.runs.id)));
/** As if the waiting time had passed. */
const makeDue = () => withOrg(api.db, org.orgId, (tx) => tx.update(tables.runs).set({ nextStartAt: sql`now()` }));
const hosted = () => api.temporal.hosts.filter(({ orgId }) => orgId === org.orgId);
const hostedRuns = () => hosted().flatMap(({ runs }) => runs.map(({ runId }) => runId));

describe('several due runs of an express flow', () => {
  it('share a host, which each of their rows names', async () => {
    const runIds = await start(3);
    await round();
    expect(hosted()).toHaveLength(1);
    expect(hostedRuns().toSorted()).toEqual(runIds.toSorted());
    const [host] = hosted();
    expect(await rows()).toMatchObject(
      runIds.map(() => ({
        status: 'running',
        hostWorkflowId: `t/${org.orgId}/h/${host?.hostId}`,
        temporalRunId: `temporal-${host?.hostId}`,
      })),
    );
    expect(api.temporal.started).toEqual([]);
  });

  it('fill as many hosts as they need', async () => {
    await start(hostLimits.runs + 2);
    await round();
    expect(
      hosted()
        .map(({ runs }) => runs.length)
        .toSorted((a, b) => b - a),
    ).toEqual([hostLimits.runs, 2]);
  });

  it('are claimed by one dispatcher when several work at the same time', async () => {
    const runIds = await start(40);
    await Promise.all(Array.from({ length: 4 }, round));
    await round();
    const started = [...hostedRuns(), ...api.temporal.started.map(({ runId }) => runId)];
    expect(started.toSorted()).toEqual(runIds.toSorted());
  });

  it('get the same host with the same runs when the process died before it could tell Temporal', async () => {
    const runIds = await start(3);
    const claim = await claimRuns(api.db, createPlanCache(), 16);
    const more = await start(2);
    await makeDue();
    await round();
    const again = hosted().find(({ hostId }) => claim.hosts[0]?.workflowId.endsWith(hostId));
    expect(again?.runs.map(({ runId }) => runId)).toEqual(runIds.toSorted());
    expect(hostedRuns().toSorted()).toEqual([...runIds, ...more].toSorted());
  });

  it('wait for Temporal together', async () => {
    await start(2);
    api.temporal.down = true;
    await round();
    const [one, two] = await rows();
    expect(one).toMatchObject({ status: 'queued', hostWorkflowId: two?.hostWorkflowId, startAttempts: 1 });
    api.temporal.down = false;
    await makeDue();
    await round();
    expect(hosted()).toHaveLength(1);
    expect(await rows()).toMatchObject([{ status: 'running' }, { status: 'running' }]);
  });

  it('start one by one when Temporal refuses their host', async () => {
    const runIds = await start(2);
    api.temporal.meanwhileHost = () => Promise.reject(new RunTooLarge('too large'));
    await round();
    api.temporal.meanwhileHost = null;
    await round();
    expect(api.temporal.started.map(({ runId }) => runId).toSorted()).toEqual(runIds.toSorted());
    expect(await rows()).toMatchObject([{ hostWorkflowId: null }, { hostWorkflowId: null }]);
  });

  it('let go of one that was cancelled while the host started', async () => {
    const [first = ''] = await start(2);
    api.temporal.meanwhileHost = async () => {
      await withOrg(api.db, org.orgId, (tx) =>
        tx.update(tables.runs).set({ status: 'cancelled' }).where(eq(tables.runs.id, first)),
      );
    };
    await round();
    api.temporal.meanwhileHost = null;
    expect(api.temporal.cancelled).toMatchObject([{ runId: first, hostWorkflowId: expect.stringContaining('/h/') }]);
  });
});

describe('a run starts by itself', () => {
  it('when it is the only one that is due', async () => {
    const [runId] = await start(1);
    await round();
    expect(api.temporal.started.map((input) => input.runId)).toEqual([runId]);
    expect(hosted()).toEqual([]);
  });

  it('when its flow is durable', async () => {
    const durable = await publish('durable');
    await Promise.all([startOf(durable), startOf(durable)]);
    await round();
    expect(api.temporal.started).toHaveLength(2);
    expect(hosted()).toEqual([]);
  });

  it('when what started it is large', async () => {
    await Promise.all([1, 2].map(() => startOf(flowId, 'x'.repeat(hostLimits.trigger))));
    await round();
    expect(api.temporal.started).toHaveLength(2);
  });
});

it('links to the host in Temporal for as long as it has the run', async () => {
  const [runId = ''] = await start(2);
  await round();
  const { body } = await developer(`GET /v1/runs/${runId}`);
  expect(decodeURIComponent(body.temporalUrl)).toContain(`t/${org.orgId}/h/${hosted()[0]?.hostId}`);
});
