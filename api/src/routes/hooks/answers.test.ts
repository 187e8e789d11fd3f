import { tables, withSystem } from '@everwave/schema/db';
import type { FlowGraphInput, Json } from '@everwave/schema/flow';
import { additionalData } from '@everwave/temporal/encryption';
import { keepBlob, sealShown } from '@everwave/temporal/values';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../app.ts';
import { createRunFeed } from '../../events/run-feed.ts';
import type { Limits } from '../../settings.ts';
import { aGraph, aNode, webhookFlow } from '../../testing/graphs.ts';
import { type Answer, type Call, callWith, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

let api: TestApi;
let org: TestOrg;
let developer: Call;
beforeAll(async () => {
  api = await createTestApi();
  await api.dependencies.runFeed.start();
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.createOrg();
  developer = await org.as('developer');
});

const waiting = { input: { answer: 'result' } };
const respondFlow = aGraph(
  [
    aNode('hook', 'trigger.webhook', waiting),
    aNode('say', 'control.respond', { input: { status: 201, body: { got: '{{ trigger.body.key }}' } } }),
    aNode('fetch', 'example.read', { input: { key: '{{ trigger.body.key }}' } }),
  ],
  [
    ['hook', 'say'],
    ['say', 'fetch'],
  ],
);

const publish = async (graph: FlowGraphInput): Promise<string> => {
  const { id } = (await developer('POST /v1/flows', { name: `Orders ${Math.random()}`, graph })).body;
  expect((await developer(`POST /v1/flows/${id}/publish`)).status).toBe(201);
  const [trigger] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
  expect(trigger.answer).toBe('result');
  return new URL(trigger.url).pathname;
};

const appWith = (limits: Partial<Limits>) =>
  createApp({
    ...api.dependencies,
    settings: { ...api.dependencies.settings, limits: { ...api.dependencies.settings.limits, ...limits } },
  });

const theRun = async (): Promise<string> => {
  for (;;) {
    const [run] = (await developer('GET /v1/runs')).body.items;
    if (run) return run.id;
  }
};

/** As the worker writes it. */
const says = async (runId: string, output: Json, path = 'say', ordinal = 1, seq = 2): Promise<void> => {
  const { orgId } = org;
  const outputSealed = await api.ring.sealJson(orgId, output, additionalData.stepOutput(runId, path, ordinal));
  await withSystem(api.db, (tx) =>
    tx.insert(tables.runSteps).values({
      orgId,
      runId,
      path,
      ordinal,
      seq,
      outputSealed,
      stepId: 'say',
      status: 'succeeded',
      temporalRunId: 'part_1',
    }),
  );
};
const ends = async (runId: string, status: 'succeeded' | 'failed' | 'cancelled' | 'superseded', output?: Json) => {
  const outputSealed =
    output === undefined ? null : await api.ring.sealJson(org.orgId, output, additionalData.runOutput(runId));
  await withSystem(api.db, (tx) =>
    tx.update(tables.runs).set({ status, outputSealed, finishedAt: new Date() }).where(eq(tables.runs.id, runId)),
  );
};
const hello = { status: 201, headers: { 'content-type': 'application/json', 'x-order': 'A-1' }, body: { got: 'a' } };
const key = { 'webhook-id': 'evt_1' };

describe('a webhook that answers with the result', () => {
  it('says what the Respond step said, while the run goes on', async () => {
    const hook = await publish(respondFlow);
    const asked = callWith(api.app)(`POST ${hook}`, { key: 'a' });
    const runId = await theRun();
    await says(runId, hello);
    const answer = await asked;
    expect([answer.status, answer.body, answer.headers.get('x-order')]).toEqual([201, { got: 'a' }, 'A-1']);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await developer(`GET /v1/runs/${runId}`)).body.status).toBe('queued');
  });

  it('hears of it in the process that has the caller, whichever one the run was started by', async () => {
    const hook = await publish(respondFlow);
    const runFeed = createRunFeed(api.db, api.dependencies.log);
    await runFeed.start();
    const other = createApp({ ...api.dependencies, runFeed });
    const asked = [callWith(api.app), callWith(other)].map((call) => call(`POST ${hook}`, { key: 'a' }, key));
    const runId = await theRun();
    const saidAt = Date.now();
    await says(runId, hello);
    const answers = await Promise.all(asked);
    // By a notice, not by the look that comes every two seconds.
    expect(Date.now() - saidAt).toBeLessThan(1_000);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [201, { got: 'a' }],
      [201, { got: 'a' }],
    ]);
    await runFeed.stop();
  });

  it('streams an output that is kept outside of the run', async () => {
    const hook = await publish(aGraph([aNode('hook', 'trigger.webhook', waiting)], []));
    const asked = callWith(api.app)(`POST ${hook}`, { key: 'a' });
    const runId = await theRun();
    const { orgId } = org;
    const content = Buffer.from(JSON.stringify({ text: 'x'.repeat(3_000_000) }));
    const use = { orgId, runId, path: 'read', ordinal: 1, name: 'output' };
    const sha256 = await keepBlob(api.db, api.ring, use, { content, mediaType: 'application/json' });
    const reference = { ref: `blob:${sha256}`, sha256, bytes: content.length, preview: '{"text":"xxx' };
    const outputSealed = await sealShown(api.ring, orgId, { reference }, additionalData.runOutput(runId));
    await withSystem(api.db, (tx) =>
      tx
        .update(tables.runs)
        .set({ status: 'succeeded', outputSealed, finishedAt: new Date() })
        .where(eq(tables.runs.id, runId)),
    );
    const answer = await asked;
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(content.length)]);
    expect(answer.body.text).toHaveLength(3_000_000);
  });

  it('says the same to whoever repeats the request, however the run has gone on', async () => {
    const hook = await publish(respondFlow);
    const gone = new AbortController();
    const first = api.app.request(hook, { method: 'POST', headers: key, signal: gone.signal });
    const runId = await theRun();
    gone.abort();
    expect((await first).status).toBe(202);
    await says(runId, hello);
    // A frame was begun again: the first answer counts.
    await says(runId, { ...hello, body: 'another' }, 'say', 2, 9);
    await ends(runId, 'failed');
    const again = await callWith(api.app)(`POST ${hook}`, {}, key);
    expect([again.status, again.body]).toEqual([201, { got: 'a' }]);
    expect((await developer('GET /v1/runs')).body.items).toHaveLength(1);
  });

  it.each<[string, Json, number, string, string | null]>([
    [
      'a text',
      { status: 200, headers: { 'content-type': 'text/plain' }, body: 'hä' },
      200,
      'hä',
      'text/plain; charset=utf-8',
    ],
    ['nothing', { status: 204, headers: {}, body: null }, 204, '', null],
    [
      'false',
      { status: 200, headers: { 'content-type': 'application/json' }, body: false },
      200,
      'false',
      'application/json',
    ],
    ['a page', { status: 404, headers: { 'content-type': 'text/html' }, body: '<p>' }, 404, '<p>', 'text/html'],
  ])('sends %s as it is', async (_what, output, status, text, type) => {
    const hook = await publish(respondFlow);
    const asked = callWith(api.app)(`POST ${hook}`, {});
    await says(await theRun(), output);
    const answer = await asked;
    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([status, text, type]);
  });

  it.each<[string, Parameters<typeof ends>[1], Json | undefined, number, (answer: Answer) => unknown, unknown]>([
    ['what the run gives', 'succeeded', { price: 3 }, 200, ({ body }) => body, { price: 3 }],
    ['null when that is what it gives', 'succeeded', null, 200, ({ text }) => text, 'null'],
    ['nothing when it gives nothing', 'succeeded', undefined, 204, ({ text }) => text, ''],
    ['a problem when it fails', 'failed', undefined, 500, ({ body }) => body.code, 'run_failed'],
    ['a problem when it is cancelled', 'cancelled', undefined, 500, ({ body }) => body.code, 'run_cancelled'],
    [
      'where it is when a fork goes on instead',
      'superseded',
      undefined,
      202,
      ({ body }) => Object.keys(body),
      ['runId', 'url'],
    ],
  ])('says, without a response, %s', async (_what, status, output, code, part, expected) => {
    const hook = await publish(webhookFlow(waiting));
    const asked = callWith(api.app)(`POST ${hook}`, {});
    const runId = await theRun();
    await ends(runId, status, output);
    const answer = await asked;
    expect([answer.status, part(answer)]).toEqual([code, expected]);
    if (code === 500) expect(answer.body).toMatchObject({ runId, detail: expect.stringContaining(runId) });
  });

  it('says where the run is when it takes too long, and the answer to whoever asks again', async () => {
    const hook = await publish(respondFlow);
    const answer = await callWith(appWith({ answerTimeout: 200 }))(`POST ${hook}`, {}, key);
    const runId = await theRun();
    const url = `http://127.0.0.1:3000/runs/${runId}`;
    expect([answer.status, answer.body, answer.headers.get('location')]).toEqual([202, { runId, url }, url]);
    await says(runId, hello);
    expect((await callWith(api.app)(`POST ${hook}`, {}, key)).status).toBe(201);
  });

  it('holds only so many callers, and other deliveries not at all', async () => {
    const hook = await publish(respondFlow);
    const app = appWith({ callersAtOnce: 1, deliveriesAtOnce: 1 });
    const held = callWith(app)(`POST ${hook}`, {}, key);
    const runId = await theRun();
    const next = await callWith(app)(`POST ${hook}`, {});
    expect([next.status, Object.keys(next.body)]).toEqual([202, ['runId', 'url']]);
    await says(runId, hello);
    expect((await held).status).toBe(201);
  });

  it('lets its callers go, with where their run is, when the process drains', async () => {
    const hook = await publish(respondFlow);
    const runFeed = createRunFeed(api.db, api.dependencies.log);
    const asked = callWith(createApp({ ...api.dependencies, runFeed }))(`POST ${hook}`, {});
    await theRun();
    await runFeed.stop();
    expect((await asked).status).toBe(202);
  });

  it('tells at once that a delivery is held while the flow is off', async () => {
    const hook = await publish(respondFlow);
    const [{ id }] = (await developer('GET /v1/flows')).body.items;
    await developer(`POST /v1/flows/${id}/deactivate`);
    expect((await callWith(api.app)(`POST ${hook}`, {})).body.held).toBe(true);
  });

  it('fails its run rather than letting it wait for a person, unless the flow says otherwise', async () => {
    const { settings: _, ...drawn } = respondFlow;
    const parking = { ...drawn, settings: { onFailure: 'park' as const } };
    await publish(drawn);
    expect(await policies()).toEqual(['fail']);
    await publish(parking);
    expect(new Set(await policies())).toEqual(new Set(['fail', 'park']));
  });
});

const policies = async (): Promise<(string | undefined)[]> => {
  const rows = await withSystem(api.db, (tx) =>
    tx.select({ plan: tables.plans.plan }).from(tables.plans).where(eq(tables.plans.orgId, org.orgId)),
  );
  return rows.map(({ plan }) => plan.settings.onFailure);
};
