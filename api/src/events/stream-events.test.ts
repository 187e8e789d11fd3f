import { problemSchema, runEventSchema, type RunEvent } from '@everwave/schema/api';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { aGraph, aNode } from '../testing/graphs.ts';
import { type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../testing/test-api.ts';
import { createRunFeed } from './run-feed.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
let key: string;
let flowId: string;
beforeEach(async () => {
  api = await createTestApi();
  await api.dependencies.runFeed.start();
  org = await api.createOrg();
  developer = await org.as('developer');
  key = (await (await org.as('admin'))('POST /v1/api-keys', { name: 'watcher', role: 'viewer' })).body.key;
  const graph = aGraph(
    [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
    [['start', 'end']],
  );
  flowId = (await developer('POST /v1/flows', { name: 'Orders', graph })).body.id;
  await developer(`POST /v1/flows/${flowId}/publish`);
});
afterEach(() => api.close());

const startRun = async (): Promise<string> => (await developer(`POST /v1/flows/${flowId}/runs`, {})).body.runId;

interface Watch {
  readonly events: RunEvent[];
  readonly response: Response;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const watch = async (path: string, app = api.app): Promise<Watch> => {
  const response = await app.request(path, { headers: { authorization: `Bearer ${key}` } });
  const events: RunEvent[] = [];
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const read = async (): Promise<void> => {
    let text = '';
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return;
      text += part.value;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data) events.push(runEventSchema.parse(JSON.parse(data)));
      }
    }
  };
  const ended = read();
  return {
    events,
    response,
    ended,
    stop: async () => {
      await reader?.cancel();
      await ended;
    },
  };
};

const report = (runId: string, status: 'running' | 'succeeded', seq: number) =>
  withOrg(api.db, org.orgId, async (tx) => {
    const changed = { status, seq, updatedAt: new Date() };
    await tx.update(tables.runs).set(changed).where(eq(tables.runs.id, runId));
    const step = { status, seq, attempts: 1, updatedAt: new Date() };
    await tx
      .insert(tables.runSteps)
      .values({ orgId: org.orgId, runId, path: 'end', ordinal: 1, stepId: 'end', temporalRunId: 't', ...step })
      .onConflictDoUpdate({
        target: [tables.runSteps.runId, tables.runSteps.path, tables.runSteps.ordinal],
        set: step,
      });
  });

it('a run streams its state now and every change, soon after it is stored', async () => {
  const runId = await startRun();
  const stream = await watch(`/v1/runs/${runId}/events`);
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
  await expect.poll(() => stream.events.length).toBe(1);
  expect(stream.events[0]).toMatchObject({ runId, status: 'queued', steps: [] });
  const before = Date.now();
  await report(runId, 'running', 1);
  await expect.poll(() => stream.events.at(-1)?.status, { timeout: 3_000 }).toBe('running');
  expect(Date.now() - before).toBeLessThan(3_000);
  await report(runId, 'succeeded', 2);
  await expect.poll(() => stream.events.at(-1)?.steps?.[0]?.status, { timeout: 3_000 }).toBe('succeeded');
  expect(stream.events).toHaveLength(3);
  await stream.stop();
});

it("all runs stream changes of their org, each once, and nothing of another's", async () => {
  const stranger = await api.createOrg('Stranger');
  const stream = await watch('/v1/runs/events');
  const runId = await startRun();
  await expect.poll(() => stream.events.map((event) => [event.runId, event.status])).toEqual([[runId, 'queued']]);
  await withSystem(api.db, (tx) =>
    tx.execute(`select pg_notify('everwave_runs', '{"orgId":"${stranger.orgId}","runId":"${runId}"}')`),
  );
  await report(runId, 'succeeded', 1);
  await expect.poll(() => stream.events.map((event) => event.status)).toEqual(['queued', 'succeeded']);
  await stream.stop();
});

it('a stream of a run that is not there is a plain 404', async () => {
  const { response } = await watch(`/v1/runs/run_${'0'.repeat(32)}/events`);
  expect(response.status).toBe(404);
});

it('a stream still sees changes, by polling, while nobody listens to notices', async () => {
  const deaf = createApp({ ...api.dependencies, runFeed: createRunFeed(api.db, api.dependencies.log) });
  const runId = await startRun();
  const stream = await watch(`/v1/runs/${runId}/events`, deaf);
  await expect.poll(() => stream.events.length).toBe(1);
  await report(runId, 'succeeded', 1);
  await expect.poll(() => stream.events.at(-1)?.status, { timeout: 8_000 }).toBe('succeeded');
  await stream.stop();
});

describe('open streams', () => {
  const bounded = (limits: { readonly streamsPerCaller?: number; readonly streamsInAll?: number }) => {
    const { settings } = api.dependencies;
    return createApp({ ...api.dependencies, settings: { ...settings, limits: { ...settings.limits, ...limits } } });
  };
  const refusal = async (path: string, app: TestApi['app'], by = key) => {
    const { status, body, headers } = await callWith(app, { authorization: `Bearer ${by}` })(`GET ${path}`);
    return [status, problemSchema.parse(body).code, headers.get('retry-after')];
  };

  it('are as many as one caller may have, and one that closes makes room', async () => {
    const app = bounded({ streamsPerCaller: 2 });
    const runId = await startRun();
    const open = [await watch('/v1/runs/events', app), await watch(`/v1/runs/${runId}/events`, app)];
    expect(open.map(({ response }) => response.status)).toEqual([200, 200]);
    for (const path of ['/v1/runs/events', `/v1/runs/${runId}/events`]) {
      expect(await refusal(path, app)).toEqual([429, 'too_many_streams', '10']);
    }
    const other = await (await org.as('viewer', app))('GET /v1/runs');
    expect(other.status).toBe(200);
    await open[0]?.stop();
    const again = await eventually(() => watch('/v1/runs/events', app));
    expect(again.response.status).toBe(200);
    await Promise.all([again.stop(), open[1]?.stop()]);
  });

  it('are as many as the process carries, whoever has them', async () => {
    const app = bounded({ streamsInAll: 1 });
    const open = await watch('/v1/runs/events', app);
    const other = await (await org.as('admin'))('POST /v1/api-keys', { name: 'other', role: 'viewer' });
    expect(await refusal('/v1/runs/events', app, other.body.key)).toEqual([429, 'too_many_streams', '10']);
    await open.stop();
  });

  it('are not used up by runs that are not there', async () => {
    const app = bounded({ streamsPerCaller: 1 });
    for (let count = 0; count < 3; count += 1) {
      const gone = await watch(`/v1/runs/run_${'0'.repeat(32)}/events`, app);
      expect(gone.response.status).toBe(404);
      await gone.stop();
    }
    const open = await watch('/v1/runs/events', app);
    expect(open.response.status).toBe(200);
    await open.stop();
  });

  /** Until it is no refusal any more: the end of a stream is noticed a moment later. */
  const eventually = async (open: () => Promise<Watch>): Promise<Watch> => {
    for (let tries = 0; ; tries += 1) {
      const opened = await open();
      if (opened.response.status === 200 || tries === 50) return opened;
      await opened.stop();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
});

it('streams end when the process drains', async () => {
  const stream = await watch('/v1/runs/events');
  await api.dependencies.runFeed.stop();
  await stream.ended;
});

it('a stream ends within seconds after its key is revoked', async () => {
  const runId = await startRun();
  const stream = await watch(`/v1/runs/${runId}/events`);
  await expect.poll(() => stream.events.length).toBe(1);
  await withSystem(api.db, (tx) => tx.delete(tables.apiKeys));
  const before = Date.now();
  await stream.ended;
  expect(Date.now() - before).toBeLessThan(8_000);
});
