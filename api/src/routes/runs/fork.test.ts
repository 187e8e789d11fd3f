import { forkPreviewSchema, migratePreviewSchema, migrationListSchema, runSchema } from '@everwave/schema/api';
import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { generationOfFork, type Json } from '@everwave/schema/flow';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, sql } from 'drizzle-orm';
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
  const { id } = (await developer('POST /v1/flows', { name: 'Orders', graph })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  flowId = id;
  api.temporal.started.length = 0;
  api.temporal.migrations.length = 0;
  api.temporal.down = false;
  api.temporal.migrateResult = { ok: true, reply: { status: 'waiting', flowVersion: 2 } };
});

const read = (id: string, key = id) => aNode(id, 'example.read', { title: `Step ${id}`, input: { key } });
const graph = aGraph(
  [aNode('start', 'trigger.manual'), read('first'), read('send'), read('after')],
  [
    ['start', 'first'],
    ['first', 'send'],
    ['send', 'after'],
  ],
);

/** What the worker's projection would write of a run whose steps have all run; `parked` is where it stands. */
const aRun = async (parked?: 'send'): Promise<string> => {
  const { runId } = (await developer(`POST /v1/flows/${flowId}/runs`, { input: { name: 'Ada' } })).body;
  await api.dispatch();
  const steps = ['start', 'first', 'send', 'after'].slice(0, parked ? 3 : 4);
  await withOrg(api.db, org.orgId, async (tx) => {
    await tx
      .update(tables.runs)
      .set({ status: parked ? 'needs_attention' : 'succeeded', seq: 9, temporalRunId: 'temporal-1' })
      .where(eq(tables.runs.id, runId));
    for (const [index, path] of steps.entries()) {
      const isParked = path === parked;
      await tx.insert(tables.runSteps).values({
        orgId: org.orgId,
        runId,
        path,
        stepId: path,
        ordinal: 1,
        status: isParked ? 'needs_attention' : 'succeeded',
        seq: index + 2,
        temporalRunId: 'temporal-1',
        startedAt: new Date(),
        finishedAt: isParked ? null : new Date(),
        ...(isParked
          ? { failure: { name: 'missing', message: 'No such key.' } }
          : {
              outputSealed: await api.ring.sealJson(
                org.orgId,
                { value: path } as Json,
                additionalData.stepOutput(runId, path, 1),
              ),
            }),
      });
    }
    await tx.insert(tables.effects).values({
      orgId: org.orgId,
      effectKey: `key of ${runId}`,
      runId,
      path: 'send',
      activity: 'example.read@1',
      requestHash: 'hash',
      state: parked ? 'unsure' : 'confirmed',
      ordinal: 1,
    });
  });
  return runId;
};
const fork = (runId: string, body: object, key?: string) =>
  developer(`POST /v1/runs/${runId}/fork`, body, key === undefined ? {} : { 'idempotency-key': key });
const publishNext = async (next: typeof graph): Promise<void> => {
  await developer(`PUT /v1/flows/${flowId}/draft`, { draftRevision: 1, graph: next });
  expect((await developer(`POST /v1/flows/${flowId}/publish`)).status).toBe(201);
};
const startedAs = (runId: string) => api.temporal.started.find((input) => input.runId === runId);

describe('starting a run again from a step works', () => {
  it('says first what runs again, which effects would happen once more, and that the run is left as it is', async () => {
    const runId = await aRun();
    const answer = await developer(`POST /v1/runs/${runId}/fork/preview`, { from: 'send' });
    expect(answer.status).toBe(200);
    expect(forkPreviewSchema.parse(answer.body)).toMatchObject({
      fits: true,
      flowVersion: 1,
      problems: [],
      differences: [],
      again: [
        { path: 'send', title: 'Step send' },
        { path: 'after', title: 'Step after' },
      ],
      counts: { again: 2, stands: 2, loops: [] },
      effects: [{ path: 'send', title: 'Step send', state: 'confirmed' }],
      supersedes: false,
    });
    await api.dispatch();
    expect(api.temporal.started.filter(({ fork: of }) => of)).toEqual([]);
  });

  it('makes a new run that takes over what stands, links both, and audits who did it', async () => {
    const runId = await aRun();
    const body = { from: 'send', outputs: { first: { value: 'edited' } }, input: { key: 'b' }, accept: ['send'] };
    const answer = await fork(runId, body);
    expect(answer.status).toBe(202);
    const next = answer.body.runId;
    expect(answer.headers.get('location')).toBe(`/v1/runs/${next}`);
    await api.dispatch();
    expect(startedAs(next)).toMatchObject({
      rootRunId: runId,
      trigger: { stepId: 'start', data: { body: { name: 'Ada' } } },
      fork: {
        originRunId: runId,
        originSeq: null,
        at: 'send',
        input: { key: 'b' },
        outputs: { first: { value: 'edited' } },
        generation: generationOfFork(1),
      },
    });
    const one = runSchema.parse((await developer(`GET /v1/runs/${next}`)).body);
    expect(one).toMatchObject({ forkOfRunId: runId, forkAt: 'send', rootRunId: runId });
    const other = runSchema.parse((await developer(`GET /v1/runs/${runId}`)).body);
    expect(other).toMatchObject({ status: 'succeeded', forks: [{ id: next, at: 'send' }] });
    const [row] = await withOrg(api.db, org.orgId, (tx) =>
      tx.select().from(tables.auditEvents).where(eq(tables.auditEvents.targetId, next)),
    );
    expect(row).toMatchObject({
      action: 'run.forked',
      details: { forkOfRunId: runId, from: 'send', editedOutputs: ['first'], editedInput: true, accepted: ['send'] },
    });
    expect(JSON.stringify(row)).not.toContain('edited"}');
  });

  it('gives each fork of one root a generation of its own, also a fork of a fork', async () => {
    const runId = await aRun();
    const accept = ['send'];
    const [one, other] = await Promise.all([fork(runId, { from: 'send', accept }), fork(runId, { from: 'after' })]);
    await api.dispatch();
    const generations = [one, other].map((answer) => startedAs(answer?.body.runId)?.fork?.generation);
    expect(new Set(generations)).toEqual(new Set([generationOfFork(1), generationOfFork(2)]));
  });

  it('is done once for one idempotency key, also when the run has been superseded meanwhile', async () => {
    const runId = await aRun('send');
    const body = { from: 'send', accept: ['send'] };
    const [one, two] = await Promise.all([fork(runId, body, 'twice-1'), fork(runId, body, 'twice-1')]);
    const ids = [one, two].map((answer) => answer?.body.runId);
    expect([one?.status, two?.status, ids[1]]).toEqual([202, 202, ids[0]]);
    await withOrg(api.db, org.orgId, (tx) =>
      tx.update(tables.runs).set({ status: 'superseded', supersededByRunId: ids[0] }).where(eq(tables.runs.id, runId)),
    );
    expect((await fork(runId, body, 'twice-1')).body.runId).toBe(ids[0]);
    expect((await fork(runId, body, 'another')).body.code).toBe('fork_refused');
    const rows = await withOrg(api.db, org.orgId, (tx) =>
      tx.select().from(tables.runs).where(eq(tables.runs.forkOfRunId, runId)),
    );
    expect(rows).toHaveLength(1);
  });

  it('answers two requests with one key that come at once alike, also when the first has superseded the run', async () => {
    const runId = await aRun('send');
    const body = { from: 'send', accept: ['send'] };
    const first = await fork(runId, body, 'at-once');
    const ofKey = and(eq(tables.idempotencyKeys.orgId, org.orgId), eq(tables.idempotencyKeys.key, 'at-once'));
    const [claimed] = await withSystem(api.db, (tx) => tx.delete(tables.idempotencyKeys).where(ofKey).returning());
    if (!claimed) throw new Error('The first request claims its key.');
    // The second has seen no claim, and stands before the run when the first one's becomes visible.
    const second = await withSystem(api.db, async (tx) => {
      await tx.execute(sql`lock table ${tables.runs} in access exclusive mode`);
      const asked = fork(runId, body, 'at-once');
      for (let isThere = false; !isThere; ) {
        const waiting = await tx.execute(
          sql`select 1 from pg_locks where relation = ${'runs'}::regclass and not granted`,
        );
        isThere = waiting.length > 0;
      }
      await tx.insert(tables.idempotencyKeys).values(claimed);
      await tx.update(tables.runs).set({ status: 'superseded' }).where(eq(tables.runs.id, runId));
      return { asked };
    });
    const answer = await second.asked;
    expect([answer.status, answer.body.runId]).toEqual([202, first.body.runId]);
    expect((await fork(runId, { ...body, from: 'first' }, 'at-once')).body.code).toBe('idempotency_key_reused');
  });

  it('hands on how far an open run had come, so that it is superseded only as it was seen', async () => {
    const runId = await aRun('send');
    const preview = await developer(`POST /v1/runs/${runId}/fork/preview`, { from: 'send' });
    expect(preview.body).toMatchObject({ supersedes: true, effects: [{ path: 'send', state: 'unsure' }] });
    const { body } = await fork(runId, { from: 'send', accept: ['send'] });
    await api.dispatch();
    expect(startedAs(body.runId)?.fork).toMatchObject({ originSeq: 9 });
    expect((await fork(runId, { from: 'first', accept: ['send'] })).body.code).toBe('fork_refused');
  });

  it('goes on another version, with a verdict', async () => {
    const runId = await aRun();
    await publishNext(
      aGraph(
        [aNode('start', 'trigger.manual'), read('first', 'other'), read('send'), read('last')],
        [
          ['start', 'first'],
          ['first', 'send'],
          ['send', 'last'],
        ],
      ),
    );
    const verdict = await developer(`POST /v1/runs/${runId}/fork/preview`, { from: 'send', version: 'live' });
    expect(verdict.body).toMatchObject({
      fits: true,
      flowVersion: 2,
      differences: [{ code: 'step_changed', stepId: 'first' }],
    });
    const absent = await developer(`POST /v1/runs/${runId}/fork/preview`, { from: 'after', version: 2 });
    expect(absent.body).toMatchObject({ fits: false, problems: [{ code: 'unknown_step', path: 'after' }] });
    const { body } = await fork(runId, { from: 'send', version: 'live', accept: ['send'] });
    await api.dispatch();
    expect(startedAs(body.runId)?.plan.flowVersion).toBe(2);
  });
});

describe('having a run go on under another version works', () => {
  it('asks the run itself, first for its verdict', async () => {
    const runId = await aRun('send');
    await publishNext(graph);
    api.temporal.migrateResult = { ok: true, reply: null };
    const verdict = await developer(`POST /v1/runs/${runId}/migrate/preview`);
    expect(migratePreviewSchema.parse(verdict.body)).toMatchObject({ fits: true, flowVersion: 2, problems: [] });
    expect(api.temporal.migrations[0]?.request).toMatchObject({ isPreview: true, plan: { flowVersion: 2 } });
    api.temporal.migrateResult = { ok: true, reply: { status: 'needs_attention', flowVersion: 2 } };
    const answer = await developer(`POST /v1/runs/${runId}/migrate`, { version: 2 });
    expect(answer.body).toEqual({ runId, flowVersion: 2, status: 'needs_attention' });
    expect(api.temporal.migrations[1]?.request).toMatchObject({ plan: { flowVersion: 2 }, by: { role: 'developer' } });
  });

  it('lists every version with its verdict', async () => {
    const runId = await aRun('send');
    await publishNext(graph);
    const problems = [{ code: 'step_changed' as const, stepId: 'first', message: 'Step first is set up differently.' }];
    api.temporal.migrateResult = { ok: false, reason: 'step_changed', message: 'Step first differs.', problems };
    const answer = await developer(`GET /v1/runs/${runId}/migrations?limit=1`);
    expect(answer.status).toBe(200);
    const page = migrationListSchema.parse(answer.body);
    expect(page.items).toMatchObject([{ flowVersion: 2, live: true, fits: false, problems }]);
    const next = await developer(`GET /v1/runs/${runId}/migrations?cursor=${page.nextCursor}`);
    expect(next.body.items).toMatchObject([{ flowVersion: 1, live: false }]);
    expect(api.temporal.migrations.every(({ request }) => request.isPreview)).toBe(true);
    expect((await (await org.as('viewer'))(`GET /v1/runs/${runId}/migrations`)).status).toBe(403);
  });

  it('is done when the run is there already', async () => {
    const runId = await aRun('send');
    const message = 'The run is on version 1 already.';
    api.temporal.migrateResult = { ok: false, reason: 'same_version', message, problems: [] };
    expect((await developer(`POST /v1/runs/${runId}/migrate`)).status).toBe(200);
  });
});

describe('starting a run again and changing its version refuse', () => {
  it('effects that nobody has accepted, and list them', async () => {
    const runId = await aRun();
    const answer = await fork(runId, { from: 'first', accept: ['after'] });
    expect([answer.status, answer.body.code]).toEqual([409, 'effects_not_accepted']);
    expect(answer.body.errors).toMatchObject([{ path: 'send', code: 'confirmed' }]);
  });

  it('what does not fit, with the reasons', async () => {
    const runId = await aRun();
    const unknown = await fork(runId, { from: 'nothing' });
    expect([unknown.status, unknown.body.code, unknown.body.errors[0].code]).toEqual([
      409,
      'fork_refused',
      'unknown_step',
    ]);
    const outputs = await fork(runId, { from: 'send', outputs: { after: 1 }, accept: ['send'] });
    expect(outputs.body.errors).toMatchObject([{ path: 'after', code: 'output_not_kept' }]);
    expect((await fork(runId, { from: 'send', version: 9 })).body.code).toBe('version_not_found');
    expect((await fork(runId, { from: 'send', version: 'newest' })).status).toBe(400);
    expect((await fork(runId, {})).status).toBe(400);
    expect((await fork(runId, { from: 'send', outputs: { first: 'x'.repeat(1_048_600) } })).status).toBe(413);
    expect((await fork(`run_${'0'.repeat(32)}`, { from: 'send' })).body.code).toBe('run_not_found');
  });

  it('a run that is under way', async () => {
    const { runId } = (await developer(`POST /v1/flows/${flowId}/runs`, {})).body;
    expect((await fork(runId, { from: 'send' })).body.code).toBe('fork_refused');
    expect((await developer(`POST /v1/runs/${runId}/migrate`)).body.code).toBe('migration_refused');
  });

  it('a version in which what has run differs, step by step', async () => {
    const runId = await aRun('send');
    const problems = [{ code: 'step_changed' as const, stepId: 'first', message: 'Step first is set up differently.' }];
    api.temporal.migrateResult = { ok: false, reason: 'step_changed', message: 'Step first differs.', problems };
    const answer = await developer(`POST /v1/runs/${runId}/migrate`, { version: 1 });
    expect([answer.status, answer.body.code]).toEqual([409, 'migration_refused']);
    expect(answer.body.errors).toMatchObject([{ path: 'first', code: 'step_changed' }]);
    expect((await developer(`POST /v1/runs/${runId}/migrate/preview`)).body).toMatchObject({ fits: false, problems });
    api.temporal.down = true;
    expect((await developer(`POST /v1/runs/${runId}/migrate`)).body.code).toBe('temporal_unavailable');
  });
});

describe('starting a run again and changing its version refuse callers', () => {
  it('who may only look, and those of another org', async () => {
    const runId = await aRun();
    const viewer = await org.as('viewer');
    const stranger = await (await api.createOrg('Other')).as('owner');
    const paths = ['fork', 'fork/preview', 'migrate', 'migrate/preview'];
    for (const path of paths) {
      const body = path.startsWith('fork') ? { from: 'send', accept: ['send'] } : {};
      expect((await viewer(`POST /v1/runs/${runId}/${path}`, body)).status).toBe(403);
      expect((await stranger(`POST /v1/runs/${runId}/${path}`, body)).body.code).toBe('run_not_found');
    }
  });
});
