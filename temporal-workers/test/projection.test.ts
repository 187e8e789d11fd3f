import { tables, withOrg, withSystem } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { repairRun } from '@everwave/temporal/runs';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import type { Entry } from '../src/projection/entry.ts';
import { writeEntries } from '../src/projection/write-entries.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';

const { activities } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const plan = aPlan({
  steps: {
    first: anAction({ activity: 'test.echo@1', input: { secret: '{{ trigger.canary }}' } }),
    risky: anAction({ activity: 'test.fail@1', input: { fixAt: 2 }, options: retrying(2) }),
    pause: { type: 'delay', duration: '50ms' },
    done: { type: 'return', output: '{{ steps.risky.output }}' },
  },
  edges: ['start -> first', 'first -> risky', 'risky -> pause', 'pause -> done'],
});

const parkAndRetry = async (): Promise<RunUnderTest> => {
  const run = await harness.start(plan, { trigger: { canary: 'canary-value' } });
  await untilStatus(run, 'needs_attention');
  const request = { requestId: `req_${run.runId}`, by, path: 'risky' };
  await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'retryStep', request);
  await run.result();
  await untilStatus(run, 'succeeded');
  return run;
};

const rowsOf = (run: RunUnderTest) =>
  withSystem(harness.db, async (tx) => ({
    attempts: await tx
      .select()
      .from(tables.runAttempts)
      .where(eq(tables.runAttempts.runId, run.runId))
      .orderBy(asc(tables.runAttempts.path), asc(tables.runAttempts.ordinal), asc(tables.runAttempts.attempt)),
    letters: await tx.select().from(tables.deadLetters).where(eq(tables.deadLetters.runId, run.runId)),
    logs: await tx
      .select()
      .from(tables.runLogs)
      .where(eq(tables.runLogs.runId, run.runId))
      .orderBy(asc(tables.runLogs.id)),
    steps: await tx.select().from(tables.runSteps).where(eq(tables.runSteps.runId, run.runId)),
  }));

describe('the projection', () => {
  it('shows every step with its state, times, input and output', async () => {
    const run = await parkAndRetry();
    const { run: row, steps } = await run.projection();
    expect(row).toMatchObject({ status: 'succeeded', output: { done: true }, failure: null });
    expect(row.startedAt?.getTime()).toBeLessThanOrEqual(row.finishedAt?.getTime() ?? 0);
    expect(row.temporalRunId).toBe((await run.handle.describe()).runId);
    expect(steps.map(({ path, ordinal, status, attempts }) => [path, ordinal, status, attempts])).toEqual([
      ['done', 1, 'succeeded', 0],
      ['first', 1, 'succeeded', 1],
      ['pause', 1, 'succeeded', 0],
      ['risky', 1, 'failed', 2],
      ['risky', 2, 'succeeded', 1],
      ['start', 1, 'succeeded', 0],
    ]);
    expect(steps.find(({ path }) => path === 'first')).toMatchObject({ input: { secret: 'canary-value' } });
    expect(steps.find(({ path }) => path === 'first')?.startedAt).not.toBeNull();
  });

  it('keeps values sealed in every row', async () => {
    const run = await parkAndRetry();
    const rows = await rowsOf(run);
    const text = JSON.stringify(rows, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(text).not.toContain('canary');
  });

  it('keeps one row per attempt, with its failure and the time of the next', async () => {
    const { attempts } = await rowsOf(await parkAndRetry());
    const risky = attempts.filter(({ path }) => path === 'risky');
    expect(risky.map(({ ordinal, attempt, status }) => [ordinal, attempt, status])).toEqual([
      [1, 1, 'failed'],
      [1, 2, 'failed'],
      [2, 1, 'succeeded'],
    ]);
    const [first, second] = risky;
    expect(first).toMatchObject({ failure: { name: 'out_of_order' }, worker: expect.any(String) });
    expect(first?.nextAttemptAt?.getTime()).toBeGreaterThan(first?.finishedAt?.getTime() ?? 0);
    expect(second?.nextAttemptAt).toBeNull();
  });

  it('opens a dead letter where a run waits for a person, and closes it with the repair', async () => {
    const run = await parkAndRetry();
    const { letters } = await rowsOf(run);
    expect(letters).toHaveLength(1);
    const [letter] = letters;
    expect(letter).toMatchObject({
      path: 'risky',
      ordinal: 1,
      attempts: 2,
      failure: { name: 'out_of_order' },
      resolution: 'retried',
      resolvedBy: 'Ada',
    });
    const sealed = letter?.inputSealed ?? new Uint8Array();
    const aad = additionalData.deadLetterInput(run.runId, 'risky', 1);
    expect(await harness.ring.openJson(harness.orgId, sealed, aad)).toEqual({ fixAt: 2 });
    const [other] = (await rowsOf(await parkAndRetry())).letters;
    expect(other?.fingerprint).toBe(letter?.fingerprint);
  });

  it('tells the run in words', async () => {
    const { logs } = await rowsOf(await parkAndRetry());
    expect(logs.map(({ level, message, path }) => [level, message, path])).toEqual([
      ['info', 'run running', null],
      ['warn', 'attempt failed', 'risky'],
      ['warn', 'attempt failed', 'risky'],
      ['error', 'step needs attention', 'risky'],
      ['warn', 'run needs attention', null],
      ['info', 'step retried by a person', 'risky'],
      ['error', 'step failed', 'risky'],
      ['info', 'run running', null],
      ['info', 'run waiting', null],
      ['info', 'run succeeded', null],
    ]);
  });

  it('counts the attempts that were written before the row of their step', async () => {
    const run = await parkAndRetry();
    await withSystem(harness.db, (tx) => tx.delete(tables.runSteps).where(eq(tables.runSteps.runId, run.runId)));
    const late: Entry = {
      kind: 'step',
      run: { orgId: harness.orgId, runId: run.runId, flowId: plan.flowId },
      temporalRunId: run.firstTemporalRunId ?? '',
      transition: { path: 'risky', stepId: 'risky', ordinal: 1, status: 'failed', seq: 99, at: Date.now() },
    };
    await writeEntries({ db: harness.db, ring: harness.ring }, [late]);
    const { steps } = await run.projection();
    expect(steps.map(({ path, ordinal, attempts }) => [path, ordinal, attempts])).toEqual([['risky', 1, 2]]);
  });

  it('takes the newest attempt of a step that runs, in whatever order they come, and none of a step that has ended', async () => {
    const run = await parkAndRetry();
    const reference = { orgId: harness.orgId, runId: run.runId, flowId: plan.flowId };
    const at = Date.now();
    const transition = { path: 'again', stepId: 'again', ordinal: 1, seq: 99, at };
    const begun: Entry = {
      kind: 'step',
      run: reference,
      temporalRunId: run.firstTemporalRunId ?? '',
      transition: { ...transition, status: 'running' },
    };
    const failure = { name: 'out_of_order', message: 'The machine is out of order.' };
    const failed = (path: string, attempt: number): Entry => ({
      kind: 'attemptEnded',
      run: reference,
      step: { path, ordinal: 1, attempt },
      at,
      status: 'failed',
      failure,
      nextAttemptAt: at + attempt * 1_000,
    });
    const shown = async () => {
      const { steps } = await run.projection();
      const find = (path: string) => steps.find((step) => step.path === path && step.ordinal === 1);
      return { again: find('again'), first: find('first') };
    };

    const store = { db: harness.db, ring: harness.ring };
    await writeEntries(store, [begun, failed('again', 3), failed('again', 2), failed('first', 7)]);
    expect(await shown()).toMatchObject({
      again: { status: 'retrying', attempts: 3, dueAt: new Date(at + 3_000), failure },
      first: { status: 'succeeded', attempts: 7, dueAt: null, failure: null },
    });
    await writeEntries(store, [failed('again', 2)]);
    expect((await shown()).again).toMatchObject({ status: 'retrying', attempts: 3, dueAt: new Date(at + 3_000) });
    await writeEntries(store, [{ ...failed('again', 4), kind: 'attemptStarted', worker: 'worker-1' } as Entry]);
    expect((await shown()).again).toMatchObject({ status: 'running', attempts: 4, dueAt: null });
  });

  it("is invisible to another org's transactions", async () => {
    const run = await parkAndRetry();
    const rows = await withOrg(harness.db, 'org_other', (tx) =>
      tx.select().from(tables.runSteps).where(eq(tables.runSteps.runId, run.runId)),
    );
    expect(rows).toEqual([]);
  });
});

describe('the reconciler', () => {
  it('rebuilds a projection that was dropped: the same rows', async () => {
    const run = await parkAndRetry();
    const before = comparable(await run.projection());
    const [letter] = (await rowsOf(run)).letters;
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(before);
    const [again] = (await rowsOf(run)).letters;
    expect(again).toMatchObject({
      fingerprint: letter?.fingerprint,
      resolution: 'retried',
      resolvedBy: 'Ada',
      openedAt: letter?.openedAt,
      resolvedAt: letter?.resolvedAt,
    });
  });

  it('rebuilds a run that still waits for a person', async () => {
    const run = await harness.start(plan);
    await untilStatus(run, 'needs_attention');
    await eventually(
      () => rowsOf(run),
      ({ letters }) => letters.length === 1,
    );
    const before = comparable(await run.projection());
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(before);
    await run.handle.terminate('test over');
  });

  it('shows what an operator did in Temporal itself', async () => {
    const run = await harness.start(plan);
    await untilStatus(run, 'needs_attention');
    await run.handle.terminate('enough');
    expect(await reconcile(harness, run)).toBe('equal');
    const { run: row } = await run.projection();
    expect(row).toMatchObject({ status: 'failed', failure: { name: 'terminated' } });
    expect(row.failure?.message).toContain('enough');
  });

  it('hands a run that Temporal does not know back to the dispatcher', async () => {
    const run = await harness.start(plan);
    await untilStatus(run, 'needs_attention');
    const workflowId = `t/${harness.orgId}/r/run_${'e'.repeat(32)}`;
    const before = Date.now();
    expect(await reconcile(harness, { ...run, workflowId })).toBe('restarted');
    const { run: row } = await run.projection();
    expect(row.status).toBe('queued');
    expect(row.nextStartAt.getTime()).toBeGreaterThanOrEqual(before);
    await run.handle.terminate();
  });
});
