import {
  type Database,
  type FixedStatement,
  fixedStatements,
  type FixedStatements,
  noteDeadLetterGroups,
  sendTogether,
  type Transaction,
  withSystem,
} from '@everwave/schema/db';
import type { KeyRing } from '@everwave/temporal/encryption';
import { writeAttempts } from './attempts.ts';
import { type BegunRow, toBegunRows, writeBegun } from './begun-rows.ts';
import { findContradictions, type KnownRun, noteContradictions } from './contradictions.ts';
import {
  type DeadLetterChange,
  restoreDeadLetters,
  runsWithDeadLetters,
  toDeadLetterChange,
  writeDeadLetters,
} from './dead-letters.ts';
import { entriesOf, type Entry, type EntryOf } from './entry.ts';
import { toLogLine } from './log-lines.ts';
import { toBase64, toRecordsets } from './recordsets.ts';
import { type RunChange, sealDeadLetterInput, type StepRow, toRunChanges, toStepRows } from './seal-rows.ts';
import { toStorable } from './storable.ts';
import { closeWaits, type SealedWaits, sealWaits, writeWaits } from './waits.ts';

export interface WriteOptions {
  readonly db: Database;
  readonly ring: KeyRing;
  /** What comes from history repairs rows; the log and the attempts were written when things happened. */
  readonly source?: 'worker' | 'history';
}

/**
 * Writes entries in one transaction. Repeatable, and safe against older entries that come later: a row keeps the state
 * with the highest `seq`. Entries of runs the database does not know are left out.
 */
export const writeEntries = async (
  { db, ring, source = 'worker' }: WriteOptions,
  given: readonly Entry[],
): Promise<void> => {
  const sealed = await sealEntries(ring, given);
  await withSystem(db, (tx) => applyEntries(tx, sealed, source));
};

export interface SealedEntries {
  readonly entries: readonly Entry[];
  readonly steps: readonly StepRow[];
  readonly changes: readonly RunChange[];
  readonly letters: readonly DeadLetterChange[];
  readonly begun: readonly BegunRow[];
  readonly waits: SealedWaits;
}

/** Outside of any transaction: sealing may fetch a key on a connection of its own. */
export const sealEntries = async (ring: KeyRing, given: readonly Entry[]): Promise<SealedEntries> => {
  const entries = given.map(toStorable);
  const [steps, changes, letters, begun, waits] = await Promise.all([
    toStepRows(ring, entriesOf(entries, 'step')),
    toRunChanges(ring, entriesOf(entries, 'run')),
    toLetters(ring, entries),
    toBegunRows(ring, entriesOf(entries, 'started')),
    sealWaits(ring, entriesOf(entries, 'step')),
  ]);
  return { entries, steps, changes, letters, begun, waits };
};

/**
 * A few statements whose text never changes, whatever is written: building them row by row was once a tenth of the
 * worker's work.
 */
export const applyEntries = async (
  tx: Transaction,
  { entries, steps, changes, letters, begun, waits }: SealedEntries,
  source: 'worker' | 'history',
): Promise<void> => {
  await writeBegun(tx, begun);
  const sql = fixedStatements(tx);
  const [known, lettered] = await Promise.all([knownRuns(sql, entries), runsWithDeadLetters(sql, letters)]);
  const isKnown = (runId: string) => known.has(runId);
  const rest = entries.filter(({ run }) => isKnown(run.runId));
  const contradictions = source === 'worker' ? await findContradictions(sql, rest, known) : [];
  await sendTogether([
    ...(source === 'worker' ? noteDivergence(sql, rest, known) : []),
    ...writeRuns(
      sql,
      changes.filter(({ id }) => isKnown(id)),
    ),
    ...writeSteps(
      sql,
      steps.filter(({ runId }) => isKnown(runId)),
    ),
    ...writeEjected(sql, entriesOf(rest, 'ejected')),
    ...writeVersions(sql, entriesOf(rest, 'migrated')),
    ...writeAttempts(sql, rest, source),
    ...(source === 'worker' ? writeLogs(sql, rest) : []),
    ...noteContradictions(sql, contradictions),
  ]);
  await writeWaits(tx, waits, isKnown);
  if (source === 'history') {
    await closeWaitsOfEnded(
      tx,
      changes.filter(({ id }) => isKnown(id)),
    );
  }
  const knownLetters = letters.filter(({ run }) => isKnown(run.runId));
  const touched = await (source === 'worker'
    ? writeDeadLetters(sql, knownLetters, lettered)
    : restoreDeadLetters(sql, knownLetters));
  await noteDeadLetterGroups(tx, touched);
};

const closeWaitsOfEnded = async (tx: Transaction, changes: readonly RunChange[]): Promise<void> => {
  const ended = changes.flatMap(({ id, finishedAt }) => (finishedAt ? [{ id, finishedAt }] : []));
  for (const { id, finishedAt } of ended) await closeWaits(tx, id, finishedAt);
};

const toLetters = async (ring: KeyRing, entries: readonly Entry[]): Promise<DeadLetterChange[]> => {
  const changes = await Promise.all(
    entries.map(async (entry) => {
      const parked = entry.kind === 'step' && entry.transition.status === 'needs_attention' ? entry : null;
      return toDeadLetterChange(entry, parked && (await sealDeadLetterInput(ring, parked.run, parked.transition)));
    }),
  );
  return changes.filter((change) => change !== null);
};

type KnownRuns = ReadonlyMap<string, KnownRun>;

/** Locked in the order of their ids, so that two workers that write at once do not wait for each other in a circle. */
const knownRuns = async (sql: FixedStatements, entries: readonly Entry[]): Promise<KnownRuns> => {
  const orgs = new Map(entries.map(({ run }) => [run.runId, run.orgId]));
  const rows = await sql<{ id: string; org_id: string; temporal_run_id: string | null; seq: number }[]>`
    select id, org_id, temporal_run_id, seq from runs where id = any(${[...orgs.keys()]}::text[]) order by id for update`;
  const known = rows.filter(({ id, org_id }) => orgs.get(id) === org_id);
  return new Map(known.map(({ id, temporal_run_id, seq }) => [id, { temporalRunId: temporal_run_id, seq }]));
};

/**
 * A reset begins again with lower numbers, in another Temporal run: what it reports is older than what is known, until
 * history has said what happened. A late report of an earlier part looks the same, and is compared in vain.
 */
const noteDivergence = (sql: FixedStatements, entries: readonly Entry[], known: KnownRuns): FixedStatement[] => {
  const lowest = new Map<string, { readonly run_id: string; readonly temporal_run_id: string; readonly seq: number }>();
  for (const entry of entries) {
    if ((entry.kind !== 'run' && entry.kind !== 'step') || ('inBatch' in entry && entry.inBatch)) continue;
    const { temporalRunId, transition, run } = entry;
    if ((known.get(run.runId)?.temporalRunId ?? temporalRunId) === temporalRunId) continue;
    const key = `${run.runId} ${temporalRunId}`;
    const seq = Math.min(transition.seq, lowest.get(key)?.seq ?? transition.seq);
    lowest.set(key, { run_id: run.runId, temporal_run_id: temporalRunId, seq });
  }
  return toRecordsets([...lowest.values()]).map(
    (given) => sql`
      update runs as run set diverged_at = now()
      from jsonb_to_recordset(${given}::jsonb) as given (run_id text, temporal_run_id text, seq integer)
      where run.id = given.run_id and run.temporal_run_id <> given.temporal_run_id
        and run.diverged_at is null and run.status <> 'superseded'
        and given.seq <= greatest(run.seq, (select max(step.seq) from run_steps as step where step.run_id = run.id))`,
  );
};

/**
 * An older report changes nothing, and a run that was cancelled before Temporal confirmed it stays cancelled, even if its
 * workflow is just beginning.
 */
const writeRuns = (sql: FixedStatements, changes: readonly RunChange[]): FixedStatement[] =>
  toRecordsets(
    changes.map((change) => ({
      id: change.id,
      status: change.status,
      seq: change.seq,
      temporal_run_id: change.temporalRunId,
      host_workflow_id: change.hostWorkflowId,
      failure: change.failure,
      superseded_by_run_id: change.supersededByRunId,
      output: toBase64(change.outputSealed),
      started_at: change.startedAt,
      finished_at: change.finishedAt,
    })),
  ).map(
    (given) => sql`
      update runs as run set
        status = given.status,
        seq = given.seq,
        temporal_run_id = given.temporal_run_id,
        host_workflow_id = given.host_workflow_id,
        failure = given.failure,
        superseded_by_run_id = given.superseded_by_run_id,
        output_sealed = decode(given.output, 'base64'),
        started_at = coalesce(run.started_at, given.started_at),
        finished_at = given.finished_at,
        updated_at = ${new Date().toISOString()}::timestamptz
      from jsonb_to_recordset(${given}::jsonb) as given (
        id text, status text, seq integer, temporal_run_id text, host_workflow_id text, failure jsonb, output text,
        superseded_by_run_id text,
        started_at timestamptz, finished_at timestamptz
      )
      where run.id = given.id and run.seq <= given.seq and run.status <> 'superseded'
        and (run.status <> 'cancelled' or run.temporal_run_id is not null)`,
  );

/** What the run's own workflow has reported meanwhile says the same, and more. */
const writeEjected = (sql: FixedStatements, ejected: readonly EntryOf<'ejected'>[]): FixedStatement[] =>
  ejected.map(
    ({ run, temporalRunId }) => sql`
      update runs set host_workflow_id = null, temporal_run_id = ${temporalRunId}
      where id = ${run.runId} and host_workflow_id is not null`,
  );

/** In order: the last one stands. */
const writeVersions = (sql: FixedStatements, migrated: readonly EntryOf<'migrated'>[]): FixedStatement[] =>
  migrated.map(
    ({ run, flowVersion, planHash }) => sql`
      update runs set flow_version = ${flowVersion}, plan_hash = ${planHash} where id = ${run.runId}`,
  );

/** A worker may die between an attempt's row and the step's: the row that comes later counts the attempts it finds. */
const writeSteps = (sql: FixedStatements, rows: readonly StepRow[]): FixedStatement[] =>
  toRecordsets(
    rows.map((row) => ({
      org_id: row.orgId,
      run_id: row.runId,
      path: row.path,
      ordinal: row.ordinal,
      generation: row.generation,
      step_id: row.stepId,
      status: row.status,
      seq: row.seq,
      temporal_run_id: row.temporalRunId,
      attempts: row.attempts,
      input: toBase64(row.inputSealed),
      output: toBase64(row.outputSealed),
      failure: row.failure,
      started_at: row.startedAt,
      finished_at: row.finishedAt,
      due_at: row.dueAt,
      updated_at: row.updatedAt,
    })),
  ).map(
    (given) => sql`
      insert into run_steps as step (
        org_id, run_id, path, ordinal, generation, step_id, status, seq, temporal_run_id, attempts, input_sealed,
        output_sealed, failure, started_at, finished_at, due_at, updated_at
      )
      select
        given.org_id, given.run_id, given.path, given.ordinal, given.generation, given.step_id, given.status, given.seq,
        given.temporal_run_id,
        greatest(given.attempts, (
          select max(found.attempt) from run_attempts as found
          where found.run_id = given.run_id and found.path = given.path and found.ordinal = given.ordinal
        )),
        decode(given.input, 'base64'), decode(given.output, 'base64'),
        given.failure, given.started_at, given.finished_at, given.due_at, given.updated_at
      from jsonb_to_recordset(${given}::jsonb) as given (
        org_id text, run_id text, path text, ordinal integer, generation integer, step_id text, status text, seq integer,
        temporal_run_id text, attempts integer, input text, output text, failure jsonb, started_at timestamptz,
        finished_at timestamptz, due_at timestamptz, updated_at timestamptz
      )
      on conflict (run_id, path, ordinal) do update set
        status = excluded.status,
        seq = excluded.seq,
        generation = excluded.generation,
        temporal_run_id = excluded.temporal_run_id,
        attempts = greatest(step.attempts, excluded.attempts),
        input_sealed = coalesce(excluded.input_sealed, step.input_sealed),
        output_sealed = coalesce(excluded.output_sealed, step.output_sealed),
        failure = excluded.failure,
        started_at = coalesce(step.started_at, excluded.started_at),
        finished_at = excluded.finished_at,
        due_at = excluded.due_at,
        updated_at = excluded.updated_at
      where excluded.seq >= step.seq`,
  );

const writeLogs = (sql: FixedStatements, entries: readonly Entry[]): FixedStatement[] => {
  const rows = entries.flatMap((entry) => {
    const line = toLogLine(entry);
    const { orgId, runId } = entry.run;
    return line ? [{ ...line, org_id: orgId, run_id: runId, at: new Date(line.at) }] : [];
  });
  return toRecordsets(rows).map(
    (given) => sql`
      insert into run_logs (org_id, run_id, path, at, level, message, attributes)
      select org_id, run_id, path, at, level, message, attributes
      from jsonb_to_recordset(${given}::jsonb) as given (
        org_id text, run_id text, path text, at timestamptz, level text, message text, attributes jsonb
      )`,
  );
};
