import type { FixedStatement, FixedStatements } from '@everwave/schema/db';
import { type AttemptReference, type Entry, entriesOf, type EntryOf, type RunReference } from './entry.ts';
import { toRecordsets } from './recordsets.ts';

interface Merged {
  readonly run: RunReference;
  readonly step: AttemptReference;
  started?: EntryOf<'attemptStarted'>;
  ended?: EntryOf<'attemptEnded'>;
}

const keyOf = ({ runId }: RunReference, { path, ordinal, attempt }: AttemptReference): string =>
  JSON.stringify([runId, path, ordinal, attempt]);

/** One row per attempt, and on the step what only attempts know: how many there were, and when the next one comes. */
export const writeAttempts = (
  sql: FixedStatements,
  entries: readonly Entry[],
  source: 'worker' | 'history',
): FixedStatement[] => {
  const merged = new Map<string, Merged>();
  const of = (entry: EntryOf<'attemptStarted'> | EntryOf<'attemptEnded'>): Merged => {
    const key = keyOf(entry.run, entry.step);
    const found = merged.get(key) ?? { run: entry.run, step: entry.step };
    merged.set(key, found);
    return found;
  };
  for (const entry of entriesOf(entries, 'attemptStarted')) of(entry).started = entry;
  for (const entry of entriesOf(entries, 'attemptEnded')) of(entry).ended = entry;
  const attempts = [...merged.values()];
  return [...insertAttempts(sql, attempts, source), ...markSteps(sql, newestOfEachStep(attempts))];
};

const insertAttempts = (
  sql: FixedStatements,
  attempts: readonly Merged[],
  source: 'worker' | 'history',
): FixedStatement[] =>
  // An attempt that has ended does not begin again, and what the worker has written stands.
  toRecordsets(attempts.map(toRow)).map(
    (given) => sql`
      insert into run_attempts as known (
        org_id, run_id, path, ordinal, attempt, status, started_at, finished_at, next_attempt_at, failure, worker
      )
      select
        org_id, run_id, path, ordinal, attempt, status, started_at, finished_at, next_attempt_at, failure, worker
      from jsonb_to_recordset(${given}::jsonb) as given (
        org_id text, run_id text, path text, ordinal integer, attempt integer, status text, started_at timestamptz,
        finished_at timestamptz, next_attempt_at timestamptz, failure jsonb, worker text
      )
      on conflict (run_id, path, ordinal, attempt) do update set
        status = excluded.status,
        finished_at = excluded.finished_at,
        next_attempt_at = excluded.next_attempt_at,
        failure = excluded.failure
      where ${source === 'worker'}::boolean and excluded.status <> 'running'`,
  );

const toRow = ({ run, step, started, ended }: Merged) => ({
  org_id: run.orgId,
  run_id: run.runId,
  ...step,
  status: ended?.status ?? 'running',
  started_at: new Date(started?.at ?? ended?.at ?? 0),
  finished_at: ended ? new Date(ended.at) : null,
  next_attempt_at: ended?.nextAttemptAt === undefined ? null : new Date(ended.nextAttemptAt),
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

/** Leaves alone what it would not change: most steps have ended by the time this is written. */
const markSteps = (sql: FixedStatements, attempts: readonly Merged[]): FixedStatement[] => {
  // The kernel knows nothing of attempts: what it has decided stands.
  const isOpen = sql`(step.status in ('running', 'retrying') and step.attempts <= given.attempt)`;
  return toRecordsets(
    attempts.map(({ run, step, ended }) => ({
      run_id: run.runId,
      ...step,
      next_at: ended?.nextAttemptAt === undefined ? null : new Date(ended.nextAttemptAt),
      failure: ended?.nextAttemptAt === undefined ? null : (ended.failure ?? null),
    })),
  ).map(
    (given) => sql`
      update run_steps as step set
        attempts = greatest(step.attempts, given.attempt),
        status = case when not ${isOpen} then step.status when given.next_at is null then 'running' else 'retrying' end,
        due_at = case when ${isOpen} then given.next_at else step.due_at end,
        failure = case when ${isOpen} and given.next_at is not null then given.failure else step.failure end
      from jsonb_to_recordset(${given}::jsonb)
        as given (run_id text, path text, ordinal integer, attempt integer, next_at timestamptz, failure jsonb)
      where step.run_id = given.run_id and step.path = given.path and step.ordinal = given.ordinal
        and (step.attempts < given.attempt or ${isOpen})`,
  );
};
