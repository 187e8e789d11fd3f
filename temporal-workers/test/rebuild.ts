import { tables, withSystem } from '@everwave/schema/db';
import { createLogger } from '@everwave/temporal/logger';
import { eq } from 'drizzle-orm';
import { type Reconciled, reconcileRun } from '../src/reconciler/reconcile.ts';
import type { Harness, ProjectedRun, RunUnderTest } from './harness.ts';

/** Compares a run with its history, as the reconciler does. */
export const reconcile = async (
  { client, db, ring, orgId }: Harness,
  { runId, workflowId }: Pick<RunUnderTest, 'runId' | 'workflowId'>,
): Promise<Reconciled> => {
  const [row] = await withSystem(db, (tx) =>
    tx.select({ hostWorkflowId: tables.runs.hostWorkflowId }).from(tables.runs).where(eq(tables.runs.id, runId)),
  );
  return reconcileRun(
    { client, db, ring, logger: createLogger({ service: 'test', level: 'silent' }) },
    { id: runId, orgId, workflowId, status: 'running', hostWorkflowId: row?.hostWorkflowId ?? null },
  );
};

/** Takes from the database all that a history can give back. */
export const dropProjection = ({ db }: Harness, { runId }: RunUnderTest): Promise<void> =>
  withSystem(db, async (tx) => {
    await tx.delete(tables.runSteps).where(eq(tables.runSteps.runId, runId));
    await tx.delete(tables.runAttempts).where(eq(tables.runAttempts.runId, runId));
    await tx.delete(tables.deadLetters).where(eq(tables.deadLetters.runId, runId));
    await tx
      .update(tables.runs)
      .set({
        status: 'queued',
        seq: 0,
        temporalRunId: null,
        startedAt: null,
        finishedAt: null,
        outputSealed: null,
        failure: null,
      })
      .where(eq(tables.runs.id, runId));
  });

/**
 * A projection without the times at which it was written, and without what no history tells: whether an activity that
 * was dropped on cancellation had begun.
 */
export const comparable = ({ run, steps }: ProjectedRun) => {
  const { updatedAt: _, reconciledAt: __, ...rest } = run;
  return { run: rest, steps: steps.map((step) => (step.status === 'cancelled' ? { ...step, attempts: null } : step)) };
};
