import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { createLogger } from '@everwave/temporal/logger';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { startReconciler } from '../src/reconciler/reconciler.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const echo = () => anAction({ activity: 'test.echo@1' });

/** As an operator does it in Temporal's own UI: back to the first workflow task. */
const reset = async ({ workflowId, handle }: RunUnderTest): Promise<string> => {
  const { events } = await handle.fetchHistory();
  const first = events?.find(({ workflowTaskCompletedEventAttributes: completed }) => completed);
  const { runId } = await handle.describe();
  const { runId: next } = await harness.client.workflowService.resetWorkflowExecution({
    namespace: harness.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'An operator looks for a defect',
    workflowTaskFinishEventId: first?.eventId ?? null,
    requestId: randomUUID(),
  });
  return next ?? '';
};

const withReconciler = async <T>(work: () => Promise<T>): Promise<T> => {
  const { client, db, ring } = harness;
  const reconciler = startReconciler({ client, db, ring, logger: createLogger({ service: 'test', level: 'silent' }) });
  try {
    return await work();
  } finally {
    await reconciler.stop();
  }
};

describe('a run that an operator resets in Temporal', () => {
  it('is followed into its new Temporal run, and says so, also when it had ended', async () => {
    const run = await harness.start(
      aPlan({
        steps: { first: echo(), second: echo(), third: echo() },
        edges: ['start -> first', 'first -> second', 'second -> third'],
      }),
    );
    const { run: before } = await untilStatus(run, 'succeeded');
    const next = await reset(run);
    expect(next).not.toBe(before.temporalRunId);
    await withReconciler(() =>
      eventually(
        async () => (await run.projection()).run,
        ({ temporalRunId, status, resetAt, divergedAt }) =>
          temporalRunId === next && status === 'succeeded' && resetAt !== null && divergedAt === null,
        30_000,
      ),
    );
    const lines = await withSystem(harness.db, (tx) =>
      tx.select().from(tables.runLogs).where(eq(tables.runLogs.runId, run.runId)),
    );
    expect(lines.filter(({ message }) => message === 'run was reset in Temporal')).toHaveLength(1);
    expect(seen.calls.filter(({ runId }) => runId === run.runId)).toHaveLength(6);
  }, 60_000);

  it('shows what it does now, not what it did before', async () => {
    const run = await harness.start(
      aPlan({
        steps: { first: echo(), risky: anAction({ activity: 'test.fail@1', options: retrying(1) }) },
        edges: ['start -> first', 'first -> risky'],
      }),
    );
    await untilStatus(run, 'needs_attention');
    const next = await reset(run);
    await withReconciler(() =>
      eventually(
        async () => (await run.projection()).run,
        ({ temporalRunId, status }) => temporalRunId === next && status === 'needs_attention',
        30_000,
      ),
    );
    await run.handle.terminate();
  }, 60_000);
});
