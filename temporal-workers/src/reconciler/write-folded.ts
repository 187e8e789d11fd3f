import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import type { KeyRing } from '@everwave/temporal/encryption';
import { and, type Column, eq, type SQL, sql } from 'drizzle-orm';
import { entriesOf } from '../projection/entry.ts';
import { applyEntries, sealEntries } from '../projection/write-entries.ts';
import type { FoldedRun } from './fold-history.ts';

const { approvals, eventWaits, runLogs, runs, runSteps } = tables;

/** How far a run's projection had come. */
export interface Progress {
  readonly status: (typeof runs.$inferSelect)['status'];
  readonly temporalRunId: string | null;
  readonly seq: number;
  /** The highest number of its steps, by the Temporal run that has told of them: a batch counts by itself. */
  readonly steps: ReadonlyMap<string, number>;
  /** When it was last found to be contradicted. */
  readonly divergedAt: Date | null;
}

/** Read before the history is: whoever writes afterwards sees whether the run has gone on meanwhile. */
export const readProgress = async (tx: Transaction, runId: string, meant?: SQL): Promise<Progress | null> => {
  const [row] = await tx
    .select({
      status: runs.status,
      temporalRunId: runs.temporalRunId,
      seq: runs.seq,
      divergedAt: runs.divergedAt,
    })
    .from(runs)
    .where(eq(runs.id, runId))
    .for('update');
  const steps = await tx
    .select({ temporalRunId: runSteps.temporalRunId, seq: sql<number>`max(${runSteps.seq})::int` })
    .from(runSteps)
    .where(and(eq(runSteps.runId, runId), meant))
    .groupBy(runSteps.temporalRunId);
  return row ? { ...row, steps: new Map(steps.map(({ temporalRunId, seq }) => [temporalRunId, seq])) } : null;
};

/** Whether nothing has been told of the run since then. */
export const isStill = (current: Progress | null, seen: Progress | null): boolean =>
  current?.status === seen?.status &&
  current?.temporalRunId === seen?.temporalRunId &&
  current?.seq === seen?.seq &&
  [...(current?.steps ?? [])].every(([temporalRunId, seq]) => seen?.steps.get(temporalRunId) === seq);

/**
 * Replaces what the projection says about a run by what its history says. Returns false, and changes nothing, when the
 * projection has gone on since `seen`, before the history was read. History wins even over a projection that is ahead of
 * it: a reset begins again with lower numbers, and a workflow task that never completed has reported what did not happen.
 * Only while one is being executed nobody knows whether it will have happened.
 */
export const writeFolded = async (
  db: Database,
  ring: KeyRing,
  folded: FoldedRun,
  seen: Progress | null,
): Promise<boolean> => {
  const { run, temporalRunId, seq } = folded;
  const sealed = await sealEntries(ring, folded.entries);
  return withSystem(db, async (tx) => {
    const current = await readProgress(tx, run.runId, outsideBatches(folded, runSteps.path));
    if (!current || !isStill(current, seen)) return false;
    const isOtherPart = current.temporalRunId !== null && current.temporalRunId !== temporalRunId;
    const isInRun = and(eq(runSteps.runId, run.runId), outsideBatches(folded, runSteps.path));
    const isInDoubt = current.divergedAt !== null || isOtherPart || current.seq > seq;
    if (isInDoubt || (await isAhead(tx, folded, isInRun))) {
      if (folded.isTaskUnderWay) return false;
      await tx
        .update(runs)
        .set({ seq: 0, ...(folded.isWhole && { startedAt: null }) })
        .where(eq(runs.id, run.runId));
      await tx.update(runSteps).set(anew(folded)).where(isInRun);
      await tx.update(eventWaits).set({ seq: 0 }).where(eq(eventWaits.runId, run.runId));
      await tx.update(approvals).set({ seq: 0 }).where(eq(approvals.runId, run.runId));
    }
    if (folded.isWhole) {
      await removeOthers(tx, folded, (table) => and(eq(table.runId, run.runId), outsideBatches(folded, table.path)));
    }
    await applyEntries(tx, sealed, 'history');
    await noteReset(tx, folded);
    if (folded.version) await tx.update(runs).set(folded.version).where(eq(runs.id, run.runId));
    return true;
  });
};

/** The history tells all that there is to know of a step, or only what happened last. */
export const anew = ({ isWhole }: FoldedRun) => ({
  seq: 0,
  ...(isWhole && { inputSealed: null, outputSealed: null, startedAt: null }),
});

/** Rows of items that run in batches are not this history's: each batch has its own, and counts by itself. */
export const outsideBatches = ({ batches = [] }: FoldedRun, path: Column): SQL | undefined => {
  const loops = [...new Set(batches.map((batch) => `${batch.path}[`))];
  if (loops.length === 0) return undefined;
  return sql`not exists (select from unnest(${sql.param(loops)}::text[]) as loop where starts_with(${path}, loop))`;
};

/**
 * Whether a step stands for something that its history does not have. A workflow task that was to end the run fails when
 * a cancellation or an event comes before it has completed: what it has reported did not happen, and the task after it
 * counts its own transitions from the same number.
 */
const isAhead = async (tx: Transaction, { entries, seq }: FoldedRun, meant: SQL | undefined): Promise<boolean> => {
  const rows = await tx
    .select({ path: runSteps.path, ordinal: runSteps.ordinal, seq: runSteps.seq })
    .from(runSteps)
    .where(meant);
  const last = new Map(
    entriesOf(entries, 'step').map(({ transition }) => [toKey(transition), transition.seq] as const),
  );
  return rows.some((row) => row.seq > (last.get(toKey(row)) ?? seq));
};

export const toKey = ({ path, ordinal }: { readonly path: string; readonly ordinal: number }): string =>
  `${path}#${ordinal}`;

/** Said once, in the run's row and in its log. */
const noteReset = async (tx: Transaction, { run, resetAt }: FoldedRun): Promise<void> => {
  if (resetAt === undefined) return;
  const at = new Date(resetAt);
  const changed = await tx
    .update(runs)
    .set({ resetAt: at })
    .where(and(eq(runs.id, run.runId), sql`${runs.resetAt} is distinct from ${at.toISOString()}::timestamptz`))
    .returning({ id: runs.id });
  if (changed.length === 0) return;
  const { orgId, runId } = run;
  await tx.insert(runLogs).values({ orgId, runId, at, level: 'warn', message: 'run was reset in Temporal' });
};

export type StepTable = typeof runSteps | typeof approvals | typeof eventWaits;

/** Steps, and waits of steps, that the history does not have: a reset went back behind them, or their task never completed. */
export const removeOthers = async (
  tx: Transaction,
  { entries }: FoldedRun,
  meant: (table: StepTable) => SQL | undefined,
): Promise<void> => {
  const transitions = entriesOf(entries, 'step').map(({ transition }) => transition);
  const steps = transitions.map(toKey);
  const waits = transitions.filter(({ waitsFor }) => waitsFor).map(toKey);
  const remove = (table: StepTable, kept: readonly string[]) =>
    tx
      .delete(table)
      .where(and(meant(table), sql`${table.path} || '#' || ${table.ordinal} <> all(${sql.param(kept)}::text[])`));
  await remove(runSteps, steps);
  await remove(approvals, waits);
  await remove(eventWaits, waits);
};
