import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { type AttemptReference, type Entry, entriesOf, type EntryOf, type RunReference } from './entry.ts';

const { runAttempts, runSteps } = tables;
type AttemptRow = typeof runAttempts.$inferInsert;

interface Merged {
  readonly run: RunReference;
  readonly step: AttemptReference;
  started?: EntryOf<'attemptStarted'>;
  ended?: EntryOf<'attemptEnded'>;
}

const keyOf = ({ runId }: RunReference, { path, ordinal, attempt }: AttemptReference): string =>
  JSON.stringify([runId, path, ordinal, attempt]);

/** One row per attempt, and on the step what only attempts know: how many there were, and when the next one comes. */
export const writeAttempts = async (
  tx: Transaction,
  entries: readonly Entry[],
  source: 'worker' | 'history',
): Promise<void> => {
  const merged = new Map<string, Merged>();
  const of = (entry: EntryOf<'attemptStarted'> | EntryOf<'attemptEnded'>): Merged => {
    const key = keyOf(entry.run, entry.step);
    const found = merged.get(key) ?? { run: entry.run, step: entry.step };
    merged.set(key, found);
    return found;
  };
  for (const entry of entriesOf(entries, 'attemptStarted')) of(entry).started = entry;
  for (const entry of entriesOf(entries, 'attemptEnded')) of(entry).ended = entry;
  if (merged.size === 0) return;

  const insert = tx.insert(runAttempts).values([...merged.values()].map(toRow));
  if (source === 'history') await insert.onConflictDoNothing();
  else {
    await insert.onConflictDoUpdate({
      target: [runAttempts.runId, runAttempts.path, runAttempts.ordinal, runAttempts.attempt],
      set: {
        status: sql`excluded.status`,
        finishedAt: sql`excluded.finished_at`,
        nextAttemptAt: sql`excluded.next_attempt_at`,
        failure: sql`excluded.failure`,
      },
      // An attempt that has ended does not begin again.
      setWhere: sql`excluded.status <> 'running'`,
    });
  }
  for (const attempt of merged.values()) await markStep(tx, attempt);
};

const toRow = ({ run, step, started, ended }: Merged): AttemptRow => ({
  orgId: run.orgId,
  runId: run.runId,
  ...step,
  status: ended?.status ?? 'running',
  startedAt: new Date(started?.at ?? ended?.at ?? 0),
  finishedAt: ended ? new Date(ended.at) : null,
  nextAttemptAt: ended?.nextAttemptAt === undefined ? null : new Date(ended.nextAttemptAt),
  failure: ended?.failure ?? null,
  worker: started?.worker ?? null,
});

const markStep = async (tx: Transaction, { run, step, ended }: Merged): Promise<void> => {
  const next = ended?.nextAttemptAt;
  const isStep = and(eq(runSteps.runId, run.runId), eq(runSteps.path, step.path), eq(runSteps.ordinal, step.ordinal));
  const attempts = sql`greatest(${runSteps.attempts}, ${step.attempt})`;
  await tx.update(runSteps).set({ attempts }).where(isStep);
  await tx
    .update(runSteps)
    .set(
      next === undefined
        ? { status: 'running', dueAt: null }
        : { status: 'retrying', dueAt: new Date(next), failure: ended?.failure ?? null },
    )
    // The kernel knows nothing of attempts: what it has decided stands.
    .where(and(isStep, inArray(runSteps.status, ['running', 'retrying']), eq(runSteps.attempts, step.attempt)));
};
