import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import type { KeyRing } from '@everwave/temporal/encryption';
import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import { writeAttempts } from './attempts.ts';
import { type DeadLetterChange, restoreDeadLetters, toDeadLetterChange, writeDeadLetters } from './dead-letters.ts';
import { entriesOf, type Entry, type EntryOf } from './entry.ts';
import { toLogLine } from './log-lines.ts';
import { type RunChange, sealDeadLetterInput, type StepRow, toRunChanges, toStepRows } from './seal-rows.ts';
import { toStorable } from './storable.ts';

const { runAttempts, runLogs, runs, runSteps } = tables;

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
}

/** Outside of any transaction: sealing may fetch a key on a connection of its own. */
export const sealEntries = async (ring: KeyRing, given: readonly Entry[]): Promise<SealedEntries> => {
  const entries = given.map(toStorable);
  const [steps, changes, letters] = await Promise.all([
    toStepRows(ring, entriesOf(entries, 'step')),
    toRunChanges(ring, entriesOf(entries, 'run')),
    toLetters(ring, entries),
  ]);
  return { entries, steps, changes, letters };
};

export const applyEntries = async (
  tx: Transaction,
  { entries, steps, changes, letters }: SealedEntries,
  source: 'worker' | 'history',
): Promise<void> => {
  const known = await knownRuns(tx, entries);
  const isKnown = (runId: string) => known.has(runId);
  await writeRuns(
    tx,
    changes.filter(({ id }) => isKnown(id)),
  );
  await writeSteps(
    tx,
    steps.filter(({ runId }) => isKnown(runId)),
  );
  const rest = entries.filter(({ run }) => isKnown(run.runId));
  await writeEjected(tx, entriesOf(rest, 'ejected'));
  await writeAttempts(tx, rest, source);
  const knownLetters = letters.filter(({ run }) => isKnown(run.runId));
  await (source === 'worker' ? writeDeadLetters(tx, knownLetters) : restoreDeadLetters(tx, knownLetters));
  if (source === 'worker') await writeLogs(tx, rest);
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

/** Locked in the order of their ids, so that two workers that write at once do not wait for each other in a circle. */
const knownRuns = async (tx: Transaction, entries: readonly Entry[]): Promise<ReadonlySet<string>> => {
  const orgs = new Map(entries.map(({ run }) => [run.runId, run.orgId]));
  const rows = await tx
    .select({ id: runs.id, orgId: runs.orgId })
    .from(runs)
    .where(inArray(runs.id, [...orgs.keys()]))
    .orderBy(runs.id)
    .for('update');
  return new Set(rows.filter(({ id, orgId }) => orgs.get(id) === orgId).map(({ id }) => id));
};

/** An output may have a megabyte. */
const runsPerStatement = 50;

/**
 * One statement for many: the runs of a host end together. An older report changes nothing, and a run that was cancelled
 * before Temporal confirmed it stays cancelled, even if its workflow is just beginning.
 */
const writeRuns = async (tx: Transaction, changes: readonly RunChange[]): Promise<void> => {
  for (let at = 0; at < changes.length; at += runsPerStatement) {
    const given = changes.slice(at, at + runsPerStatement).map((change) => ({
      id: change.id,
      status: change.status,
      seq: change.seq,
      temporal_run_id: change.temporalRunId,
      host_workflow_id: change.hostWorkflowId,
      failure: change.failure,
      output: change.outputSealed && Buffer.from(change.outputSealed).toString('base64'),
      started_at: change.startedAt,
      finished_at: change.finishedAt,
    }));
    await tx.execute(sql`
      update ${runs} as run set
        status = given.status,
        seq = given.seq,
        temporal_run_id = given.temporal_run_id,
        host_workflow_id = given.host_workflow_id,
        failure = given.failure,
        output_sealed = decode(given.output, 'base64'),
        started_at = coalesce(run.started_at, given.started_at),
        finished_at = given.finished_at,
        updated_at = ${new Date().toISOString()}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given (
        id text, status text, seq integer, temporal_run_id text, host_workflow_id text, failure jsonb, output text,
        started_at timestamptz, finished_at timestamptz
      )
      where run.id = given.id and run.seq <= given.seq and run.status <> 'superseded'
        and (run.status <> 'cancelled' or run.temporal_run_id is not null)`);
  }
};

/** What the run's own workflow has reported meanwhile says the same, and more. */
const writeEjected = async (tx: Transaction, ejected: readonly EntryOf<'ejected'>[]): Promise<void> => {
  for (const { run, temporalRunId } of ejected) {
    await tx
      .update(runs)
      .set({ hostWorkflowId: null, temporalRunId })
      .where(and(eq(runs.id, run.runId), isNotNull(runs.hostWorkflowId)));
  }
};

const excluded = (column: string) => sql.raw(`excluded.${column}`);

/** A worker may die between an attempt's row and the step's: the row that comes later counts the attempts it finds. */
const attemptsSoFar = ({ runId, path, ordinal, attempts }: StepRow) => sql<number>`greatest(
  ${attempts ?? 0}::integer,
  (select max(found.attempt) from ${runAttempts} as found
    where found.run_id = ${runId} and found.path = ${path} and found.ordinal = ${ordinal}::integer)
)`;

const writeSteps = async (tx: Transaction, rows: readonly StepRow[]): Promise<void> => {
  if (rows.length === 0) return;
  await tx
    .insert(runSteps)
    .values(rows.map((row) => ({ ...row, attempts: attemptsSoFar(row) })))
    .onConflictDoUpdate({
      target: [runSteps.runId, runSteps.path, runSteps.ordinal],
      set: {
        status: excluded('status'),
        seq: excluded('seq'),
        temporalRunId: excluded('temporal_run_id'),
        attempts: sql`greatest(${runSteps.attempts}, ${excluded('attempts')})`,
        inputSealed: sql`coalesce(${excluded('input_sealed')}, ${runSteps.inputSealed})`,
        outputSealed: sql`coalesce(${excluded('output_sealed')}, ${runSteps.outputSealed})`,
        failure: excluded('failure'),
        startedAt: sql`coalesce(${runSteps.startedAt}, ${excluded('started_at')})`,
        finishedAt: excluded('finished_at'),
        dueAt: excluded('due_at'),
        updatedAt: excluded('updated_at'),
      },
      setWhere: sql`${excluded('seq')} >= ${runSteps.seq}`,
    });
};

const writeLogs = async (tx: Transaction, entries: readonly Entry[]): Promise<void> => {
  const rows = entries.flatMap((entry) => {
    const line = toLogLine(entry);
    const { orgId, runId } = entry.run;
    return line ? [{ ...line, orgId, runId, at: new Date(line.at) }] : [];
  });
  if (rows.length > 0) await tx.insert(runLogs).values(rows);
};
