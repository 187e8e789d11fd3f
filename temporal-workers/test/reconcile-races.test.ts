import { tables, withSystem } from '@everwave/schema/db';
import { repairRun } from '@everwave/temporal/runs';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { writeEntries } from '../src/projection/write-entries.ts';
import { findCandidates } from '../src/reconciler/reconcile.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, reconcile } from './rebuild.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities: createFakeActivities().activities });
});
afterAll(() => harness.close());

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const risky = anAction({ activity: 'test.fail@1', options: retrying(1) });
const parking = aPlan({ steps: { risky }, edges: ['start -> risky'] });

const change = (run: RunUnderTest, values: Partial<typeof tables.runs.$inferInsert>) =>
  withSystem(harness.db, (tx) => tx.update(tables.runs).set(values).where(eq(tables.runs.id, run.runId)));
const lettersOf = ({ runId }: RunUnderTest) =>
  withSystem(harness.db, (tx) =>
    tx
      .select({
        ordinal: tables.deadLetters.ordinal,
        resolution: tables.deadLetters.resolution,
        by: tables.deadLetters.resolvedBy,
      })
      .from(tables.deadLetters)
      .where(eq(tables.deadLetters.runId, runId))
      .orderBy(asc(tables.deadLetters.ordinal)),
  );

const waitsOf = ({ runId }: RunUnderTest) =>
  withSystem(harness.db, (tx) => tx.select().from(tables.eventWaits).where(eq(tables.eventWaits.runId, runId)));

/** A run that parked, was retried by Ada, and parked again. */
const parkTwice = async (): Promise<RunUnderTest> => {
  const run = await harness.start(parking);
  await untilStatus(run, 'needs_attention');
  const address = { orgId: harness.orgId, runId: run.runId };
  const request = { requestId: run.runId, by, path: 'risky' };
  expect(await repairRun(harness.client, address, 'retryStep', request)).toMatchObject({ ok: true });
  await eventually(
    () => lettersOf(run),
    (letters) => letters.length === 2,
  );
  return run;
};
const twice = [
  { ordinal: 1, resolution: 'retried', by: 'Ada' },
  { ordinal: 2, resolution: null, by: null },
];

describe('dead letters of a step that parked twice', () => {
  it('stay as they are when the run is compared with its history', async () => {
    const run = await parkTwice();
    expect(await lettersOf(run)).toEqual(twice);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(await lettersOf(run)).toEqual(twice);
    await run.handle.terminate();
  });

  it('are made right by history when they were resolved wrongly', async () => {
    const run = await parkTwice();
    const wrong = { resolvedAt: new Date(), resolution: 'expired' as const, resolvedBy: null };
    await withSystem(harness.db, (tx) =>
      tx.update(tables.deadLetters).set(wrong).where(eq(tables.deadLetters.runId, run.runId)),
    );
    await reconcile(harness, run);
    expect(await lettersOf(run)).toEqual(twice);
    await run.handle.terminate();
  });
});

describe('a projection that is ahead of history', () => {
  it('is put back: what was reported by a workflow task that never completed did not happen', async () => {
    const run = await parkTwice();
    const temporalRunId = (await run.projection()).run.temporalRunId ?? '';
    const reference = { orgId: harness.orgId, runId: run.runId, flowId: run.input.plan.flowId };
    await writeEntries(harness, [
      { kind: 'run', run: reference, temporalRunId, transition: { seq: 90, at: Date.now(), status: 'running' } },
    ]);
    expect(await reconcile(harness, run)).toBe('equal');
    expect((await run.projection()).run).toMatchObject({ status: 'needs_attention' });
    await run.handle.terminate();
  });

  it('is put back step by step, though the run itself has gone further since', async () => {
    const first = anAction({ activity: 'test.fail@1', options: retrying(1), onFailure: 'fail' });
    const next = anAction({ activity: 'test.echo@1' });
    const run = await harness.start(aPlan({ steps: { first, next }, edges: ['start -> first', 'first -> next'] }));
    await expect(run.result()).rejects.toThrow();
    await untilStatus(run, 'failed');
    expect(await reconcile(harness, run)).toBe('equal');
    const right = comparable(await run.projection());
    const [, skipped] = right.steps;
    expect(skipped).toMatchObject({ path: 'next', status: 'skipped', output: null, startedAt: null });
    const temporalRunId = right.run.temporalRunId ?? '';
    const reference = { orgId: harness.orgId, runId: run.runId, flowId: run.input.plan.flowId };
    // As by a task in which things came in another order: higher than the step's own number, not than the run's.
    await writeEntries(harness, [
      {
        kind: 'step',
        run: reference,
        temporalRunId,
        transition: {
          seq: right.run.seq,
          path: 'next',
          ordinal: 1,
          stepId: 'next',
          at: Date.now(),
          status: 'succeeded',
          output: 'it never ran',
          waitsFor: { type: 'event', event: 'paid', correlationKey: '7' },
        },
      },
    ]);
    expect((await run.projection()).steps[1]).toMatchObject({ status: 'succeeded', output: 'it never ran' });
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(right);
    expect(await waitsOf(run)).toEqual([]);
  });
});

describe('a run that was cancelled before Temporal knew it', () => {
  it('stays cancelled whatever a worker reports, and its workflow is told', async () => {
    const run = await harness.start(parking);
    await untilStatus(run, 'needs_attention');
    await change(run, { status: 'cancelled', seq: 0, temporalRunId: null, reconciledAt: null });
    const reference = { orgId: harness.orgId, runId: run.runId, flowId: run.input.plan.flowId };
    const temporalRunId = run.firstTemporalRunId ?? '';
    await writeEntries(harness, [
      { kind: 'run', run: reference, temporalRunId, transition: { seq: 1, at: Date.now(), status: 'running' } },
    ]);
    expect((await run.projection()).run.status).toBe('cancelled');
    await reconcile(harness, run);
    await eventually(
      () => run.handle.describe(),
      ({ status }) => status.name === 'CANCELLED',
    );
    expect((await run.projection()).run.status).toBe('cancelled');
  });
});

/** A client of a Temporal whose retention has taken a run's first part. */
const withoutPart = ({ workflowId, firstTemporalRunId }: RunUnderTest): Client => {
  const { options, workflow } = harness.client;
  const getHandle = (id: string, temporalRunId?: string) => {
    const handle = workflow.getHandle(id, temporalRunId);
    const forgotten = new WorkflowNotFoundError('gone', workflowId, firstTemporalRunId ?? undefined);
    return temporalRunId === firstTemporalRunId ? { ...handle, fetchHistory: () => Promise.reject(forgotten) } : handle;
  };
  return { options, workflow: { getHandle } } as unknown as Client;
};

describe('a run whose earlier parts Temporal has forgotten', () => {
  it('is neither started again nor stripped of its earlier steps', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `s${index}`);
    const run = await harness.start(
      aPlan({
        steps: { ...Object.fromEntries(names.map((name) => [name, anAction({ activity: 'test.echo@1' })])), risky },
        edges: [...names.map((name, index) => `${index === 0 ? 'start' : names[index - 1]} -> ${name}`), 's5 -> risky'],
      }),
      { historyLimit: 15 },
    );
    const { steps } = await untilStatus(run, 'needs_attention');
    expect(run.firstTemporalRunId).not.toBe((await run.projection()).run.temporalRunId);
    const client = withoutPart(run);
    expect(await reconcile({ ...harness, client }, run)).toBe('equal');
    const after = await run.projection();
    expect(after.run.status).toBe('needs_attention');
    expect(after.steps.map(({ path, status }) => [path, status])).toEqual(
      steps.map(({ path, status }) => [path, status]),
    );
    await run.handle.terminate();
  });
});

describe('a run that Temporal does not know', () => {
  const elsewhere = (run: RunUnderTest) => ({ ...run, workflowId: `t/${harness.orgId}/r/run_${'e'.repeat(32)}` });

  it('is left to the dispatcher while it is queued', async () => {
    const run = await harness.start(parking);
    await untilStatus(run, 'needs_attention');
    const nextStartAt = new Date(Date.now() + 60_000);
    await change(run, { status: 'queued', nextStartAt });
    expect(await reconcile(harness, elsewhere(run))).toBe('queued');
    expect((await run.projection()).run.nextStartAt).toEqual(nextStartAt);
    await run.handle.terminate();
  });

  it('is not started again when it has ended meanwhile', async () => {
    const run = await harness.start(parking);
    await untilStatus(run, 'needs_attention');
    await change(run, { status: 'succeeded' });
    expect(await reconcile(harness, elsewhere(run))).toBe('gone');
    expect((await run.projection()).run.status).toBe('succeeded');
    await run.handle.terminate();
  });
});

it('runs that cannot be compared do not keep the others from it', async () => {
  const settings = { idleAfter: 60_000, again: 300_000, closedAfter: 5_000, limit: 1 };
  const later = Date.now() + 600_000;
  const [first] = await findCandidates(harness.db, settings, later);
  const [second] = await findCandidates(harness.db, settings, later, [first?.id ?? '']);
  expect(second).toBeDefined();
  expect(second?.id).not.toBe(first?.id);
});
