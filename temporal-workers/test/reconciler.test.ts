import { tables, withSystem } from '@everwave/schema/db';
import { createLogger } from '@everwave/temporal/logger';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { findCandidates } from '../src/reconciler/reconcile.ts';
import { startReconciler } from '../src/reconciler/reconciler.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { dropProjection, reconcile } from './rebuild.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities: createFakeActivities().activities });
});
afterAll(() => harness.close());

const plan = aPlan({
  steps: { risky: anAction({ activity: 'test.fail@1', options: retrying(1) }) },
  edges: ['start -> risky'],
});
const finished = aPlan({ steps: { only: anAction({ activity: 'test.echo@1' }) }, edges: ['start -> only'] });
const settings = { idleAfter: 60_000, again: 300_000, closedAfter: 5_000, limit: 100 };
const minute = 60_000;
const isCandidate = async (run: RunUnderTest, later: number): Promise<boolean> =>
  (await findCandidates(harness.db, settings, Date.now() + later)).some(({ id }) => id === run.runId);

describe('the reconciler looks', () => {
  it('at an open run once nothing was heard of it for a minute, and again minutes later', async () => {
    const run = await harness.start(plan);
    await untilStatus(run, 'needs_attention');
    expect(await isCandidate(run, 0)).toBe(false);
    expect(await isCandidate(run, 2 * minute)).toBe(true);
    await reconcile(harness, run);
    expect(await isCandidate(run, 2 * minute)).toBe(false);
    expect(await isCandidate(run, 6 * minute)).toBe(true);
    await run.handle.terminate();
  });

  it('at a closed run once', async () => {
    const run = await harness.start(finished);
    await untilStatus(run, 'succeeded');
    expect(await isCandidate(run, minute)).toBe(true);
    await reconcile(harness, run);
    expect(await isCandidate(run, 60 * minute)).toBe(false);
  });
});

describe('the reconciler at work', () => {
  it('restores by itself what is missing, in whichever process holds the lock', async () => {
    const run = await harness.start(finished);
    await untilStatus(run, 'succeeded');
    await dropProjection(harness, run);
    const longAgo = new Date(Date.now() - 10 * minute);
    await withSystem(harness.db, (tx) =>
      tx.update(tables.runs).set({ updatedAt: longAgo }).where(eq(tables.runs.id, run.runId)),
    );
    const { client, db, ring } = harness;
    const logger = createLogger({ service: 'test', level: 'silent' });
    const reconcilers = [1, 2].map(() => startReconciler({ client, db, ring, logger }));
    await eventually(
      () => run.projection(),
      ({ run: row, steps }) => row.status === 'succeeded' && steps.length === 2,
    );
    await Promise.all(reconcilers.map((reconciler) => reconciler.stop()));
  });
});
