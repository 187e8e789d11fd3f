import { randomUUIDv7 } from 'node:crypto';
import type { Insights } from '@everwave/schema/api';
import { tables, withSystem } from '@everwave/schema/db';
import { type FlowId, type OrgId, toId, workflowIdOf } from '@everwave/schema/ids';
import type { RunStatus, StepStatus } from '@everwave/schema/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everywhere } from '../../auth/access.ts';
import { manualFlow, webhookFlow } from '../../testing/graphs.ts';
import { callWith, type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';
import { insightsWindow } from './insights-window.ts';
import { readInsights } from './read-insights.ts';

const now = Date.parse('2026-06-10T15:30:00Z');
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000);
const day = 24 * 60;

interface FixtureStep {
  readonly stepId: string;
  readonly ordinal?: number;
  readonly status: StepStatus;
  readonly took?: number;
  readonly failedAttempts?: number;
  readonly usd?: number;
}
interface FixtureRun {
  readonly flow: 'orders' | 'mails';
  readonly status: RunStatus;
  /** Minutes before now. */
  readonly age: number;
  /** Milliseconds; absent: not ended. */
  readonly took?: number;
  readonly steps?: readonly FixtureStep[];
}

// prettier-ignore -- a table reads best as one
const fixture: readonly FixtureRun[] = [
  {
    flow: 'orders',
    status: 'succeeded',
    age: 5,
    took: 100,
    steps: [{ stepId: 'fetch', status: 'succeeded', took: 40, usd: 0.25 }],
  },
  {
    flow: 'orders',
    status: 'succeeded',
    age: 10,
    took: 300,
    steps: [{ stepId: 'fetch', status: 'succeeded', took: 60, failedAttempts: 2, usd: 0.5 }],
  },
  {
    flow: 'orders',
    status: 'failed',
    age: 70,
    took: 900,
    steps: [
      { stepId: 'fetch', status: 'failed', took: 800, failedAttempts: 3 },
      { stepId: 'done', status: 'skipped' },
    ],
  },
  {
    flow: 'orders',
    status: 'needs_attention',
    age: 20,
    steps: [
      { stepId: 'fetch', status: 'failed', took: 10, failedAttempts: 1, usd: 0.125 },
      { stepId: 'fetch', ordinal: 2, status: 'needs_attention', failedAttempts: 1, usd: 0.0625 },
    ],
  },
  { flow: 'orders', status: 'succeeded', age: 2 * day, took: 500 },
  {
    flow: 'mails',
    status: 'succeeded',
    age: 3 * day,
    took: 50,
    steps: [{ stepId: 'send', status: 'succeeded', took: 20 }],
  },
  { flow: 'mails', status: 'cancelled', age: 3 * day + 1, took: 10 },
  { flow: 'mails', status: 'running', age: 1 },
  { flow: 'mails', status: 'failed', age: 40 * day, took: 77 },
];

let api: TestApi;
let org: TestOrg;
let viewer: Call;
let flowIds: Record<FixtureRun['flow'], FlowId>;

beforeAll(async () => {
  api = await createTestApi();
  org = await api.createOrg();
  viewer = await org.as('viewer');
  const developer = await org.as('developer');
  const publish = async (name: string, graph: object): Promise<FlowId> => {
    const { id } = (await developer('POST /v1/flows', { name, graph })).body;
    await developer(`POST /v1/flows/${id}/publish`);
    return id;
  };
  flowIds = { orders: await publish('Orders', webhookFlow()), mails: await publish('Mails', manualFlow(null)) };
  await insert(org.orgId, fixture);
  // Somebody else's runs of the same days.
  const other = await api.createOrg('Other');
  await insert(other.orgId, fixture);
});
afterAll(() => api.close());

const insert = async (orgId: OrgId, runs: readonly FixtureRun[]): Promise<void> => {
  await withSystem(api.db, async (tx) => {
    const plans = await tx.select().from(tables.flowVersions);
    for (const { flow, status, age, took, steps = [] } of runs) {
      const id = toId('run', randomUUIDv7());
      const createdAt = minutesAgo(age);
      const end = (milliseconds: number | undefined) =>
        milliseconds === undefined ? null : new Date(createdAt.getTime() + milliseconds);
      await tx.insert(tables.runs).values({
        id,
        orgId,
        flowId: flowIds[flow],
        flowVersion: 1,
        planHash: plans.find(({ flowId }) => flowId === flowIds[flow])?.planHash ?? 'missing',
        status,
        triggerNodeId: 'start',
        triggerKind: 'trigger.manual',
        rootRunId: id,
        workflowId: workflowIdOf(orgId, id),
        triggerSealed: new Uint8Array(),
        createdAt,
        startedAt: createdAt,
        finishedAt: end(took),
      });
      for (const { stepId, ordinal = 1, failedAttempts = 0, usd, ...step } of steps) {
        const place = { orgId, runId: id, path: stepId, ordinal };
        await tx.insert(tables.runSteps).values({
          ...place,
          stepId,
          status: step.status,
          seq: 1,
          temporalRunId: 't',
          startedAt: createdAt,
          finishedAt: end(step.took),
        });
        for (let attempt = 1; attempt <= failedAttempts; attempt += 1) {
          await tx
            .insert(tables.runAttempts)
            .values({ ...place, attempt, status: 'failed', startedAt: createdAt, finishedAt: createdAt });
        }
        if (usd === undefined) continue;
        const meter = { ...place, attempt: 1, unit: 'USD', amount: String(usd) };
        await tx.insert(tables.runMeters).values([
          { ...meter, meter: 'costUsd' },
          { ...meter, meter: 'inputTokens', unit: 'token', amount: '1000' },
        ]);
      }
    }
  });
};

const read = (query: { days?: number; flowId?: FlowId } = {}): Promise<Insights> => {
  const caller = { orgId: org.orgId, permissions: new Set(['runs:read'] as const), access: everywhere };
  return readInsights({ db: api.db, caller, permission: 'runs:read' }, { days: 7, flowId: undefined, ...query }, now);
};

const counts = (found: Insights['total']) =>
  Object.fromEntries(Object.entries(found.byStatus).filter(([, n]) => n > 0));

describe('insights', () => {
  it('count the runs of the window, in this org alone', async () => {
    const { total, from, to, bucket } = await read();
    expect([from, to, bucket]).toEqual(['2026-06-04T00:00:00.000Z', '2026-06-10T15:30:00.000Z', 'day']);
    expect(total.runs).toBe(8);
    expect(counts(total)).toEqual({ succeeded: 4, failed: 1, needs_attention: 1, cancelled: 1, running: 1 });
    expect(total.successRate).toBe(4 / 5);
    expect(total.usd).toBe(0.9375);
  });

  it('give the percentiles of what ended', async () => {
    const { total } = await read();
    // Ended: 10, 50, 100, 300, 500, 900 ms. Between two neighbours the percentile lies on the line between them.
    expect(total.p50Ms).toBeCloseTo(200, 6);
    expect(total.p95Ms).toBeCloseTo(500 + 0.75 * 400, 6);
  });

  it('tell flows apart, the busiest first', async () => {
    const { flows } = await read();
    expect(flows.map(({ flowName, runs, successRate, usd }) => ({ flowName, runs, successRate, usd }))).toEqual([
      { flowName: 'Orders', runs: 5, successRate: 3 / 4, usd: 0.9375 },
      { flowName: 'Mails', runs: 3, successRate: 1, usd: 0 },
    ]);
  });

  it('tell nodes apart, with the titles of the newest plan: errors, attempts, durations, cost', async () => {
    const { nodes } = await read();
    expect(nodes).toMatchObject([
      {
        flowName: 'Orders',
        stepId: 'fetch',
        title: 'fetch',
        activity: expect.stringMatching(/^example\.read@\d+$/),
        steps: 5,
        failed: 3,
        errorRate: 3 / 5,
        failedAttempts: 7,
        p50Ms: 50,
        usd: 0.9375,
      },
      { flowName: 'Mails', stepId: 'send', steps: 1, failed: 0, errorRate: 0, failedAttempts: 0, p50Ms: 20, usd: 0 },
    ]);
  });

  it('fill every day, also those without runs', async () => {
    const { series } = await read();
    expect(series.map(({ at, runs, usd }) => [at.slice(5, 10), runs, usd])).toEqual([
      ['06-04', 0, 0],
      ['06-05', 0, 0],
      ['06-06', 0, 0],
      ['06-07', 2, 0],
      ['06-08', 1, 0],
      ['06-09', 0, 0],
      ['06-10', 5, 0.9375],
    ]);
    expect(series[0]).toMatchObject({ successRate: null, p50Ms: null });
  });

  it('tell one day by the hour', async () => {
    const { bucket, series } = await read({ days: 1 });
    expect(bucket).toBe('hour');
    expect(series).toHaveLength(16);
    expect(series.map(({ runs }) => runs).slice(-2)).toEqual([1, 4]);
  });

  it('keep to one flow when asked', async () => {
    const { total, flows, nodes } = await read({ flowId: flowIds.mails, days: 60 });
    expect(counts(total)).toEqual({ succeeded: 1, failed: 1, cancelled: 1, running: 1 });
    expect([flows.length, nodes.length]).toEqual([1, 1]);
  });

  it('say nothing instead of zero where nothing has ended', async () => {
    const empty = await api.createOrg('Empty');
    const answer = await (await empty.as('viewer'))('GET /v1/insights?days=2');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      total: { runs: 0, successRate: null, p50Ms: null, usd: 0 },
      flows: [],
      nodes: [],
    });
    expect(answer.body.series.length).toBeGreaterThanOrEqual(25);
  });

  it.each(['days=0', 'days=91', 'days=1.5', 'days=x', 'flowId=1'])('refuse %s', async (query) => {
    expect((await viewer(`GET /v1/insights?${query}`)).body).toMatchObject({ code: 'invalid_request' });
  });

  it('are for those who may read runs', async () => {
    expect((await callWith(api.app)('GET /v1/insights')).status).toBe(401);
    expect((await viewer('GET /v1/insights')).status).toBe(200);
  });
});

it('cuts the window into whole days or hours of UTC, the current one included', () => {
  const { buckets } = insightsWindow(30, now);
  expect([buckets.length, buckets[0]?.toISOString(), buckets.at(-1)?.toISOString()]).toEqual([
    30,
    '2026-05-12T00:00:00.000Z',
    '2026-06-10T00:00:00.000Z',
  ]);
  expect(insightsWindow(2, now).buckets).toHaveLength(40);
});
