import { runSchema } from '@everwave/schema/api';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { keepBlob, sealShown } from '@everwave/temporal/values';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aGraph, aNode } from '../../testing/graphs.ts';
import { type Call, createTestApi, type TestApi, type TestOrg } from '../../testing/test-api.ts';

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
  flowId = await publishedFlow();
  api.temporal.started.length = 0;
  api.temporal.repairs.length = 0;
  api.temporal.cancelled.length = 0;
  api.temporal.down = false;
  api.temporal.repairResult = { ok: true, reply: { status: 'running' } };
});

const graph = aGraph(
  [aNode('start', 'trigger.manual'), aNode('read', 'example.read', { title: 'Read it', input: { key: 'a' } })],
  [['start', 'read']],
);

const publishedFlow = async (name = 'Orders'): Promise<string> => {
  const { id } = (await developer('POST /v1/flows', { name, graph })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  return id;
};

const startRun = async (input: unknown = { name: 'Ada' }): Promise<string> =>
  (await developer(`POST /v1/flows/${flowId}/runs`, { input })).body.runId;

/** What the worker's projection would write. */
const project = (runId: string, status: 'running' | 'needs_attention' | 'succeeded') =>
  withOrg(api.db, org.orgId, async (tx) => {
    const seal = (value: never, binding: string) => api.ring.sealJson(org.orgId, value, binding);
    const failed = status === 'needs_attention';
    await tx
      .update(tables.runs)
      .set({ status, seq: 5, temporalRunId: 'temporal-1', startedAt: new Date(), updatedAt: new Date() })
      .where(eq(tables.runs.id, runId));
    await tx.insert(tables.runSteps).values({
      orgId: org.orgId,
      runId,
      path: 'read',
      stepId: 'read',
      ordinal: 1,
      status: failed ? 'needs_attention' : 'succeeded',
      seq: 4,
      temporalRunId: 'temporal-1',
      attempts: 2,
      startedAt: new Date(),
      inputSealed: await seal({ key: 'a' } as never, additionalData.stepInput(runId, 'read', 1)),
      ...(failed
        ? { failure: { name: 'missing', message: 'No such key.', attempt: 2 } }
        : { outputSealed: await seal({ value: 7 } as never, additionalData.stepOutput(runId, 'read', 1)) }),
    });
    await tx.insert(tables.runAttempts).values({
      orgId: org.orgId,
      runId,
      path: 'read',
      ordinal: 1,
      attempt: 1,
      status: 'failed',
      startedAt: new Date(),
      failure: { name: 'missing', message: 'No such key.' },
    });
    await tx.insert(tables.runLogs).values({ orgId: org.orgId, runId, level: 'info', message: 'run started' });
  });

describe('large values', () => {
  const content = Buffer.from(JSON.stringify({ text: 'x'.repeat(3_000_000), rows: [1, 2, 3] }));

  /** A run whose step `read` has a large output, and whose step `next` made its input of it. */
  const aRunWithLargeValues = async () => {
    const runId = await startRun();
    await project(runId, 'succeeded');
    const { orgId } = org;
    const use = { orgId, runId, path: 'read', ordinal: 1, name: 'output' };
    const sha256 = await keepBlob(api.db, api.ring, use, { content, mediaType: 'application/json' });
    const reference = { ref: `blob:${sha256}`, sha256, bytes: content.length, preview: '{"text":"xxx…' };
    const recipe = {
      work: { type: 'template' as const, template: { n: '{{ $count(steps.read.output.rows) }}' }, field: '' },
      scope: { steps: {} },
      references: [{ path: ['steps', 'read', 'output'], sha256, bytes: content.length }],
      now: 0,
      seed: 1,
    };
    const { runOutput, stepInput, stepOutput } = additionalData;
    const outputSealed = await sealShown(api.ring, orgId, { reference }, stepOutput(runId, 'read', 1));
    const inputSealed = await sealShown(api.ring, orgId, { recipe }, stepInput(runId, 'read', 1));
    const ofRun = await sealShown(api.ring, orgId, { reference }, runOutput(runId));
    await withOrg(api.db, orgId, async (tx) => {
      await tx.update(tables.runSteps).set({ outputSealed, inputSealed }).where(eq(tables.runSteps.runId, runId));
      await tx.update(tables.runs).set({ outputSealed: ofRun }).where(eq(tables.runs.id, runId));
    });
    return { runId, reference };
  };

  it('stand in the run as references with their size and beginning', async () => {
    const { runId, reference } = await aRunWithLargeValues();
    const { body } = await developer(`GET /v1/runs/${runId}`);
    const run = runSchema.parse(body);
    expect(run).toMatchObject({ outputReference: reference });
    expect(run.steps[0]).toMatchObject({
      outputReference: reference,
      inputReference: { ref: null, bytes: null, sha256: null, preview: '{"n":"{{ $count(steps.read.output.rows) }}"}' },
    });
    expect(run.steps[0]).not.toHaveProperty('output');
    expect(JSON.stringify(body).length).toBeLessThan(20_000);
  });

  it('are streamed whole, and an input is evaluated again', async () => {
    const { runId } = await aRunWithLargeValues();
    const whole = JSON.parse(content.toString());
    const output = await developer(`GET /v1/runs/${runId}/steps/read/output`);
    expect([output.status, output.headers.get('content-length')]).toEqual([200, String(content.length)]);
    expect(output.body).toEqual(whole);
    expect((await developer(`GET /v1/runs/${runId}/output`)).body).toEqual(whole);
    expect((await developer(`GET /v1/runs/${runId}/steps/read/input?ordinal=1`)).body).toEqual({ n: 3 });
  });

  it('of ordinary size are read the same way', async () => {
    const runId = await startRun();
    await project(runId, 'succeeded');
    expect((await developer(`GET /v1/runs/${runId}/steps/read/output`)).body).toEqual({ value: 7 });
    expect((await developer(`GET /v1/runs/${runId}/steps/read/input`)).body).toEqual({ key: 'a' });
  });

  it('that look like references are data', async () => {
    const { runId, reference } = await aRunWithLargeValues();
    const outputSealed = await api.ring.sealJson(
      org.orgId,
      { reference } as never,
      additionalData.stepOutput(runId, 'read', 1),
    );
    await withOrg(api.db, org.orgId, (tx) =>
      tx.update(tables.runSteps).set({ outputSealed }).where(eq(tables.runSteps.runId, runId)),
    );
    const { body } = await developer(`GET /v1/runs/${runId}`);
    expect(body.steps[0].output).toEqual({ reference });
    expect((await developer(`GET /v1/runs/${runId}/steps/read/output`)).body).toEqual({ reference });
  });

  it('are nothing where there is none, and for nobody of another org', async () => {
    const { runId } = await aRunWithLargeValues();
    for (const path of ['steps/none/output', 'steps/read/output?ordinal=2']) {
      const answer = await developer(`GET /v1/runs/${runId}/${path}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'step_value_not_found']);
    }
    const stranger = await (await api.createOrg()).as('owner');
    const answer = await stranger(`GET /v1/runs/${runId}/steps/read/output`);
    expect([answer.status, answer.body.code]).toEqual([404, 'run_not_found']);
  });
});

describe('runs work', () => {
  it('start by API: stored and answered first, then brought to Temporal', async () => {
    const answer = await developer(
      `POST /v1/flows/${flowId}/runs`,
      { input: { name: 'Ada' } },
      { 'x-request-id': 'request-run-1' },
    );
    expect(answer.status).toBe(202);
    const { runId, url } = answer.body;
    expect(url).toBe(`http://127.0.0.1:3000/runs/${runId}`);
    expect(answer.headers.get('location')).toBe(`/v1/runs/${runId}`);
    expect((await developer(`GET /v1/runs/${runId}`)).body).toMatchObject({ status: 'queued', temporalRunId: null });

    await api.dispatch();
    const mine = api.temporal.started.filter(({ orgId }) => orgId === org.orgId);
    expect(mine).toHaveLength(1);
    expect(mine[0]).toMatchObject({
      engineVersion: 1,
      orgId: org.orgId,
      runId,
      rootRunId: runId,
      trigger: { stepId: 'start', kind: 'trigger.manual', data: { kind: 'trigger.manual', body: { name: 'Ada' } } },
      run: { flowName: 'Orders', url, requestId: 'request-run-1' },
      plan: { planVersion: 1, flowId, flowVersion: 1 },
    });
    expect((await developer(`GET /v1/runs/${runId}`)).body).toMatchObject({
      status: 'running',
      temporalRunId: `temporal-${runId}`,
      workflowId: `t/${org.orgId}/r/${runId}`,
      temporalUrl: `http://127.0.0.1:8233/namespaces/everwave/workflows/${encodeURIComponent(`t/${org.orgId}/r/${runId}`)}/temporal-${runId}/history`,
    });
  });

  it('are the same run for the same key, also when the flow is switched off meanwhile', async () => {
    const ask = () => developer(`POST /v1/flows/${flowId}/runs`, { input: 1 }, { 'idempotency-key': 'before-off' });
    const first = await ask();
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    expect((await ask()).body.runId).toBe(first.body.runId);
    const other = await developer(`POST /v1/flows/${flowId}/runs`, {}, { 'idempotency-key': 'after-off' });
    expect(other.body.code).toBe('flow_inactive');
    await developer(`POST /v1/flows/${flowId}/activate`);
    const again = await developer(`POST /v1/flows/${flowId}/runs`, {}, { 'idempotency-key': 'after-off' });
    expect(again.body.runId).toMatch(/^run_/);
  });

  it('start again with the same input, as new runs with new effects that name the old one', async () => {
    const first = await startRun({ name: 'Ada' });
    await project(first, 'succeeded');
    const answer = await developer(`POST /v1/runs/${first}/rerun`, undefined, { 'x-request-id': 'request-again' });
    expect(answer.status).toBe(202);
    const { runId, url } = answer.body;
    expect(url).toBe(`http://127.0.0.1:3000/runs/${runId}`);
    await api.dispatch();
    expect(api.temporal.started.find((input) => input.runId === runId)).toMatchObject({
      rootRunId: runId,
      trigger: { stepId: 'start', data: { body: { name: 'Ada' } } },
      run: { requestId: 'request-again' },
      plan: { flowVersion: 1 },
    });
    expect((await developer(`GET /v1/runs/${runId}`)).body).toMatchObject({ rerunOfRunId: first, flowVersion: 1 });
    expect((await developer(`GET /v1/runs/${first}`)).body).toMatchObject({ status: 'succeeded', rerunOfRunId: null });
  });

  it('start again on the version that ran, or on the live one when asked', async () => {
    const first = await startRun();
    const other = aGraph(
      [aNode('start', 'trigger.manual'), aNode('end', 'control.return', { input: { output: 1 } })],
      [['start', 'end']],
    );
    expect((await developer(`PUT /v1/flows/${flowId}/draft`, { draftRevision: 1, graph: other })).status).toBe(200);
    await developer(`POST /v1/flows/${flowId}/publish`);
    const versionAfter = async (version: string) => {
      const { runId } = (await developer(`POST /v1/runs/${first}/rerun`, { version })).body;
      return (await developer(`GET /v1/runs/${runId}`)).body.flowVersion;
    };
    expect([await versionAfter('same'), await versionAfter('live')]).toEqual([1, 2]);
  });

  it('start again once for one idempotency key, and not while the flow is off', async () => {
    const first = await startRun();
    const again = (key: string, body = {}) =>
      developer(`POST /v1/runs/${first}/rerun`, body, { 'idempotency-key': key });
    const [one, two] = await Promise.all([again('twice'), again('twice')]);
    expect(one?.body.runId).toBe(two?.body.runId);
    expect((await again('twice', { version: 'live' })).body.code).toBe('idempotency_key_reused');
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    expect([(await again('off')).status, (await again('off')).body.code]).toEqual([409, 'flow_inactive']);
    expect((await again('twice')).body.runId).toBe(one?.body.runId);
    expect((await developer(`POST /v1/runs/run_${'0'.repeat(32)}/rerun`)).body.code).toBe('run_not_found');
    expect((await developer(`POST /v1/runs/${first}/rerun`, { version: 'newest' })).status).toBe(400);
  });

  it('are refused with an input that no run could carry', async () => {
    const answer = await developer(`POST /v1/flows/${flowId}/runs`, { input: 'x'.repeat(1_400_000) });
    expect([answer.status, answer.body.code]).toEqual([413, 'body_too_large']);
  });

  it('start once for one idempotency key, however many ask at once', async () => {
    const start = (input: unknown, key = 'order-1') =>
      developer(`POST /v1/flows/${flowId}/runs`, { input }, { 'idempotency-key': key });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => start({ a: 1 })));
    expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    const other = await start({ a: 2 });
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_key_reused']);
    expect((await start({ a: 2 }, 'order-2')).body.runId).not.toBe(answers[0]?.body.runId);
    await api.dispatch();
    expect(api.temporal.started.filter(({ orgId }) => orgId === org.orgId)).toHaveLength(2);
  });

  it('show what each step used over all its attempts, and the sum', async () => {
    const runId = await startRun();
    await project(runId, 'succeeded');
    const reading = (path: string, attempt: number, meter: string, amount: string) => ({
      orgId: org.orgId,
      runId,
      path,
      ordinal: 1,
      attempt,
      meter,
      amount,
      unit: meter === 'costUsd' ? 'USD' : 'token',
    });
    await withOrg(api.db, org.orgId, (tx) =>
      tx
        .insert(tables.runMeters)
        .values([
          reading('read', 1, 'inputTokens', '100'),
          reading('read', 1, 'costUsd', '0.1'),
          reading('read', 2, 'inputTokens', '120'),
          reading('read', 2, 'outputTokens', '7'),
          reading('read', 2, 'costUsd', '0.2'),
          reading('other', 1, 'inputTokens', '1'),
          reading('other', 1, 'costUsd', '2e-7'),
        ]),
    );
    const { body } = await developer(`GET /v1/runs/${runId}`);
    const run = runSchema.parse(body);
    expect(run.steps[0]).toMatchObject({
      costUsd: 0.3,
      meters: [
        { meter: 'costUsd', unit: 'USD', amount: 0.3 },
        { meter: 'inputTokens', unit: 'token', amount: 220 },
        { meter: 'outputTokens', unit: 'token', amount: 7 },
      ],
    });
    expect(run.costUsd).toBe(0.300_000_2);
    expect(run.meters.find(({ meter }) => meter === 'inputTokens')?.amount).toBe(221);
    expect((await developer(`GET /v1/runs/${runId}/steps`)).body.items[0].costUsd).toBe(0.3);

    const free = await startRun();
    expect((await developer(`GET /v1/runs/${free}`)).body).toMatchObject({ meters: [], costUsd: null });
  });

  it('show steps with what went in and came out, attempts and log, with Temporal stopped', async () => {
    const runId = await startRun();
    await project(runId, 'succeeded');
    api.temporal.down = true;
    const { status, body } = await developer(`GET /v1/runs/${runId}`);
    expect(status).toBe(200);
    const run = runSchema.parse(body);
    expect(run.steps).toMatchObject([
      {
        path: 'read',
        title: 'Read it',
        kind: 'example.read',
        status: 'succeeded',
        attempts: 2,
        input: { key: 'a' },
        output: { value: 7 },
      },
    ]);
    expect(run.trigger.data).toMatchObject({ kind: 'trigger.manual', body: { name: 'Ada' } });
    expect(run.attempts).toMatchObject([{ path: 'read', attempt: 1, failure: { name: 'missing' } }]);
    expect(run.logs).toMatchObject([{ message: 'run started', level: 'info' }]);
    expect(run.graph).toEqual(graph);
    expect((await developer(`GET /v1/runs/${runId}/steps`)).body.items).toEqual(body.steps);
    expect((await developer(`GET /v1/runs/${runId}/attempts`)).body.items).toEqual(body.attempts);
    expect((await developer(`GET /v1/runs/${runId}/logs`)).body).toEqual({ items: body.logs, nextCursor: null });
  });

  it('show a part of their steps when there are very many, and any iteration on demand', async () => {
    const runId = await startRun();
    const rows = Array.from({ length: 2_500 }, (_, index) => ({
      orgId: org.orgId,
      runId,
      path: `each[${index}].read`,
      stepId: 'read',
      ordinal: 1,
      status: index === 1_700 ? ('needs_attention' as const) : ('succeeded' as const),
      seq: index + 1,
      temporalRunId: 'temporal-1',
      startedAt: new Date(),
    }));
    await withSystem(api.db, (tx) => tx.insert(tables.runSteps).values(rows));
    const { body } = await developer(`GET /v1/runs/${runId}`);
    const paths = body.steps.map(({ path }: { path: string }) => path);
    expect(paths).toHaveLength(51);
    expect(paths).toEqual(expect.arrayContaining(['each[0].read', 'each[49].read', 'each[1700].read']));
    expect(body.hiddenSteps).toBe(2_449);
    const asked = await developer(`GET /v1/runs/${runId}/steps?step=${encodeURIComponent('each[2345].read')}`);
    expect(asked.body.items.map(({ path }: { path: string }) => path)).toContain('each[2345].read');
    expect(asked.body.hidden).toBe(2_448);
  });

  it('keep values unreadable in the database', async () => {
    const runId = await startRun({ name: 'canary-value-4711' });
    const rows = await withSystem(api.db, (tx) => tx.select().from(tables.runs).where(eq(tables.runs.id, runId)));
    expect(Buffer.from(rows[0]?.triggerSealed ?? []).includes('canary-value-4711')).toBe(false);
    expect(JSON.stringify(rows)).not.toContain('canary-value-4711');
  });

  it('are listed by status, flow, time and text, with a cursor', async () => {
    const other = await publishedFlow('Invoices');
    const first = await startRun();
    const second = await startRun();
    const third = (await developer(`POST /v1/flows/${other}/runs`, {})).body.runId;
    await project(second, 'succeeded');
    const ids = async (query: string): Promise<string[]> =>
      (await developer(`GET /v1/runs?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual([third, second, first]);
    expect(await ids('status=succeeded')).toEqual([second]);
    expect(await ids('status=succeeded&status=queued')).toEqual([third, second, first]);
    expect(await ids(`flowId=${other}`)).toEqual([third]);
    expect(await ids('text=invoi')).toEqual([third]);
    expect(await ids(`text=${first}`)).toEqual([first]);
    expect(await ids(`to=${new Date(Date.now() - 60_000).toISOString()}`)).toEqual([]);
    expect(await ids(`from=${new Date(Date.now() - 60_000).toISOString()}`)).toEqual([third, second, first]);
    const page = await developer('GET /v1/runs?limit=2');
    expect(await ids(`limit=2&cursor=${page.body.nextCursor}`)).toEqual([first]);
  });

  it('are cancelled before they started, without Temporal', async () => {
    const runId = await startRun();
    const answer = await developer(`POST /v1/runs/${runId}/cancel`);
    expect([answer.status, answer.body.status]).toEqual([202, 'cancelled']);
    await api.dispatch();
    expect(api.temporal.started.map((input) => input.runId)).not.toContain(runId);
    expect((await developer(`POST /v1/runs/${runId}/cancel`)).status).toBe(409);
  });

  it('are cancelled while they start: what Temporal took is stopped', async () => {
    const runId = await startRun();
    api.temporal.meanwhile = async () => {
      await developer(`POST /v1/runs/${runId}/cancel`);
    };
    await api.dispatch();
    api.temporal.meanwhile = null;
    expect(api.temporal.cancelled).toEqual([{ orgId: org.orgId, runId }]);
    expect((await developer(`GET /v1/runs/${runId}`)).body.status).toBe('cancelled');
  });

  it('are repaired in five ways, each vouched for and audited', async () => {
    const runId = await startRun();
    await project(runId, 'needs_attention');
    const repairs = [
      { action: 'retryStep', path: 'read' },
      { action: 'retryStep', path: 'read', input: { key: 'b' } },
      { action: 'retryStep', path: 'read', edit: { key: 'c' } },
      { action: 'completeStep', path: 'read', output: null },
      { action: 'skipStep', path: 'read' },
      { action: 'failRun' },
      { action: 'cancelRun', requestId: 'my-request-1', comment: 'Customer cancelled' },
    ];
    for (const repair of repairs) {
      const answer = await developer(`POST /v1/runs/${runId}/repair`, repair);
      expect([answer.status, answer.body]).toMatchObject([200, { runId, action: repair.action, status: 'running' }]);
    }
    expect(
      api.temporal.repairs.map(({ action, request }) => [
        action,
        request.path,
        request.input ?? request.edit,
        request.output,
      ]),
    ).toEqual([
      ['retryStep', 'read', undefined, undefined],
      ['retryStep', 'read', { key: 'b' }, undefined],
      ['retryStep', 'read', { key: 'c' }, undefined],
      ['completeStep', 'read', undefined, null],
      ['skipStep', 'read', undefined, undefined],
      ['failRun', undefined, undefined, undefined],
      ['cancelRun', undefined, undefined, undefined],
    ]);
    expect(api.temporal.repairs.at(-1)?.request).toMatchObject({
      requestId: 'my-request-1',
      by: { name: 'developer key', role: 'developer' },
    });
    const audit = await withOrg(api.db, org.orgId, (tx) =>
      tx.select().from(tables.auditEvents).where(eq(tables.auditEvents.targetId, runId)),
    );
    expect(audit.filter(({ action }) => action === 'run.repair_requested')).toHaveLength(7);
    expect(audit.filter(({ action }) => action === 'run.repaired')).toHaveLength(7);
    expect(audit.find(({ details }) => details['comment'])?.details).toMatchObject({
      repair: 'cancelRun',
      comment: 'Customer cancelled',
    });
  });
});

describe('runs refuse', () => {
  it.each([
    ['an unknown action', { action: 'deleteRun' }, 'action'],
    ['no path', { action: 'retryStep' }, 'path'],
    ['no output', { action: 'completeStep', path: 'read' }, 'output'],
    ['a stray field', { action: 'failRun', path: 'read' }, 'path'],
    ['an input and an edit', { action: 'retryStep', path: 'read', input: {}, edit: {} }, 'edit'],
  ])('a repair with %s → 400', async (_what, body, path) => {
    const runId = await startRun();
    const answer = await developer(`POST /v1/runs/${runId}/repair`, body);
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([400, 'invalid_request', path]);
    expect(api.temporal.repairs).toEqual([]);
  });

  describe.each([
    ['input', 'The input', { action: 'retryStep', path: 'read' }],
    ['edit', 'The edit', { action: 'retryStep', path: 'read' }],
    ['output', 'The output', { action: 'completeStep', path: 'read' }],
  ])('a repair whose %s is too large', (field, what, repair) => {
    const limit = 1_048_576;
    /** JSON of exactly this many bytes; the umlaut is one character and two bytes. */
    const ofBytes = (bytes: number) => ({ key: `ü${'x'.repeat(bytes - '{"key":"ü"}'.length - 1)}` });

    it('takes it at the limit and refuses it one byte above, without asking the run', async () => {
      const runId = await startRun();
      await project(runId, 'needs_attention');
      const at = ofBytes(limit);
      expect(Buffer.byteLength(JSON.stringify(at))).toBe(limit);
      const taken = await developer(`POST /v1/runs/${runId}/repair`, { ...repair, [field]: at });
      expect(taken.status).toBe(200);
      expect(api.temporal.repairs).toHaveLength(1);

      const refused = await developer(
        `POST /v1/runs/${runId}/repair`,
        { ...repair, [field]: ofBytes(limit + 1) },
        { 'x-request-id': 'test-request-1' },
      );
      const message = `${what} has ${limit + 1} bytes as JSON; ${limit} are possible.`;
      expect([refused.status, refused.body]).toEqual([
        413,
        {
          type: 'urn:everwave:problem:body_too_large',
          title: 'The body is too large',
          status: 413,
          detail: message,
          code: 'body_too_large',
          errors: [{ path: field, message }],
          requestId: 'test-request-1',
        },
      ]);
      expect(api.temporal.repairs).toHaveLength(1);
    });
  });

  it('a repair the run itself refuses → 409 with its reason', async () => {
    const runId = await startRun();
    await project(runId, 'running');
    api.temporal.repairResult = { ok: false, reason: 'step_not_parked', message: 'The step is not parked.' };
    const answer = await developer(`POST /v1/runs/${runId}/repair`, { action: 'retryStep', path: 'read' });
    expect([answer.status, answer.body.code]).toEqual([409, 'repair_refused']);
    expect(answer.body.errors).toEqual([{ path: 'read', message: 'The step is not parked.', code: 'step_not_parked' }]);
  });

  it('a repair before the run started → 409', async () => {
    const runId = await startRun();
    const answer = await developer(`POST /v1/runs/${runId}/repair`, { action: 'retryStep', path: 'read' });
    expect([answer.status, answer.body.code]).toEqual([409, 'repair_refused']);
  });

  it('a repair while Temporal is away → 503 with Retry-After', async () => {
    const runId = await startRun();
    await project(runId, 'needs_attention');
    api.temporal.down = true;
    const answer = await developer(`POST /v1/runs/${runId}/repair`, { action: 'retryStep', path: 'read' });
    expect([answer.status, answer.body.code]).toEqual([503, 'temporal_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it('to start what is not live', async () => {
    const { id } = (await developer('POST /v1/flows', { name: 'Draft', graph })).body;
    const codeOf = async (flow: string) => (await developer(`POST /v1/flows/${flow}/runs`, {})).body.code;
    expect(await codeOf(id)).toBe('flow_not_published');
    await developer(`POST /v1/flows/${flowId}/deactivate`);
    expect(await codeOf(flowId)).toBe('flow_inactive');
    await developer(`POST /v1/flows/${flowId}/archive`);
    expect(await codeOf(flowId)).toBe('flow_archived');
  });

  it.each(['', 'with space', 'x'.repeat(201)])('the idempotency key “%s” → 400', async (key) => {
    const answer = await developer(`POST /v1/flows/${flowId}/runs`, {}, { 'idempotency-key': key });
    expect(answer.status).toBe(400);
  });

  it.each(['status=broken', 'from=yesterday', 'limit=0', 'limit=101', 'flowId=x'])(
    'the filter %s → 400',
    async (query) => {
      expect((await developer(`GET /v1/runs?${query}`)).status).toBe(400);
    },
  );
});

describe('runs refuse callers', () => {
  it('who may look but neither start nor repair', async () => {
    const runId = await startRun();
    const viewer = await org.as('viewer');
    expect((await viewer(`GET /v1/runs/${runId}`)).status).toBe(200);
    expect((await viewer(`POST /v1/flows/${flowId}/runs`, {})).status).toBe(403);
    expect((await viewer(`POST /v1/runs/${runId}/repair`, { action: 'failRun' })).status).toBe(403);
    expect((await viewer(`POST /v1/runs/${runId}/cancel`)).status).toBe(403);
  });
});
