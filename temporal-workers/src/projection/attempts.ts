import { tables, type Transaction } from '@everwave/schema/db';
import { sql } from 'drizzle-orm';
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
  await markSteps(tx, newestOfEachStep(merged.values()));
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

const newestOfEachStep = (attempts: Iterable<Merged>): Merged[] => {
  const newest = new Map<string, Merged>();
  for (const attempt of attempts) {
    const key = keyOf(attempt.run, { ...attempt.step, attempt: 0 });
    const before = newest.get(key);
    if (!before || before.step.attempt < attempt.step.attempt) newest.set(key, attempt);
  }
  return [...newest.values()];
};

/** One statement for all, that leaves alone what it would not change: most steps have ended by the time this is written. */
const markSteps = async (tx: Transaction, attempts: readonly Merged[]): Promise<void> => {
  const given = attempts.map(({ run, step, ended }) => ({
    run_id: run.runId,
    ...step,
    next_at: ended?.nextAttemptAt === undefined ? null : new Date(ended.nextAttemptAt).toISOString(),
    failure: ended?.nextAttemptAt === undefined ? null : (ended.failure ?? null),
  }));
  // The kernel knows nothing of attempts: what it has decided stands.
  const isOpen = sql`(step.status in ('running', 'retrying') and step.attempts <= given.attempt)`;
  await tx.execute(sql`
    update ${runSteps} as step set
      attempts = greatest(step.attempts, given.attempt),
      status = case when not ${isOpen} then step.status when given.next_at is null then 'running' else 'retrying' end,
      due_at = case when ${isOpen} then given.next_at else step.due_at end,
      failure = case when ${isOpen} and given.next_at is not null then given.failure else step.failure end
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
      as given (run_id text, path text, ordinal integer, attempt integer, next_at timestamptz, failure jsonb)
    where step.run_id = given.run_id and step.path = given.path and step.ordinal = given.ordinal
      and (step.attempts < given.attempt or ${isOpen})`);
};
