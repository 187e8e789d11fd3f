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
  readonly stepSeq: number;
}

/** Read before the history is: whoever writes afterwards sees whether the run has gone on meanwhile. */
export const readProgress = async (tx: Transaction, runId: string): Promise<Progress | null> => {
  const [row] = await tx
    .select({ status: runs.status, temporalRunId: runs.temporalRunId, seq: runs.seq })
    .from(runs)
    .where(eq(runs.id, runId))
    .for('update');
  const [steps] = await tx
    .select({ seq: sql<number>`coalesce(max(${runSteps.seq}), 0)::int` })
    .from(runSteps)
    .where(eq(runSteps.runId, runId));
  return row ? { ...row, stepSeq: steps?.seq ?? 0 } : null;
};

export const isSameProgress = (one: Progress | null, other: Progress | null): boolean =>
  one?.status === other?.status &&
  one?.temporalRunId === other?.temporalRunId &&
  one?.seq === other?.seq &&
  one?.stepSeq === other?.stepSeq;

/**
 * Replaces what the projection says about a run by what its history says. Returns false, and changes nothing, when the
 * projection has gone on since `seen`, before the history was read. History wins even over a projection that is ahead of
 * it: a reset begins again with lower numbers, and a workflow task that never completed has reported what did not happen.
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
    const current = await readProgress(tx, run.runId);
    if (!current || !isSameProgress(current, seen)) return false;
    const isSamePart = current.temporalRunId === null || current.temporalRunId === temporalRunId;
    if (!isSamePart || current.seq > seq || (await isAhead(tx, folded))) {
      await tx.update(runs).set({ seq: 0 }).where(eq(runs.id, run.runId));
      await tx
        .update(runSteps)
        .set({ seq: 0, ...(folded.isWhole && { outputSealed: null, startedAt: null }) })
        .where(and(eq(runSteps.runId, run.runId), outsideBatches(folded, runSteps.path)));
      await tx.update(eventWaits).set({ seq: 0 }).where(eq(eventWaits.runId, run.runId));
      await tx.update(approvals).set({ seq: 0 }).where(eq(approvals.runId, run.runId));
    }
    if (folded.isWhole) await removeOtherSteps(tx, folded);
    await applyEntries(tx, sealed, 'history');
    await noteReset(tx, folded);
    if (folded.version) await tx.update(runs).set(folded.version).where(eq(runs.id, run.runId));
    return true;
  });
};

/** Rows of items that run in batches are not this history's: each batch has its own, and counts by itself. */
const outsideBatches = ({ batches = [] }: FoldedRun, path: Column): SQL | undefined => {
  const loops = [...new Set(batches.map((batch) => `${batch.path}[`))];
  if (loops.length === 0) return undefined;
  return sql`not exists (select from unnest(${sql.param(loops)}::text[]) as loop where starts_with(${path}, loop))`;
};

/**
 * Whether a step stands for something that its history does not have. A workflow task that was to end the run fails when
 * a cancellation or an event comes before it has completed: what it has reported did not happen, and the task after it
 * counts its own transitions from the same number.
 */
const isAhead = async (tx: Transaction, folded: FoldedRun): Promise<boolean> => {
  const rows = await tx
    .select({ path: runSteps.path, ordinal: runSteps.ordinal, seq: runSteps.seq })
    .from(runSteps)
    .where(and(eq(runSteps.runId, folded.run.runId), outsideBatches(folded, runSteps.path)));
  const last = new Map(
    entriesOf(folded.entries, 'step').map(({ transition }) => [toKey(transition), transition.seq] as const),
  );
  return rows.some((row) => row.seq > (last.get(toKey(row)) ?? folded.seq));
};

const toKey = ({ path, ordinal }: { readonly path: string; readonly ordinal: number }): string => `${path}#${ordinal}`;

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

/** Steps, and waits of steps, that the history does not have: a reset went back behind them, or their task never completed. */
const removeOtherSteps = async (tx: Transaction, folded: FoldedRun): Promise<void> => {
  const { run, entries } = folded;
  const transitions = entriesOf(entries, 'step').map(({ transition }) => transition);
  const steps = transitions.map(toKey);
  const waits = transitions.filter(({ waitsFor }) => waitsFor).map(toKey);
  const remove = async (table: typeof runSteps | typeof approvals | typeof eventWaits, kept: readonly string[]) => {
    await tx
      .delete(table)
      .where(
        and(
          eq(table.runId, run.runId),
          outsideBatches(folded, table.path),
          sql`${table.path} || '#' || ${table.ordinal} <> all(${sql.param(kept)}::text[])`,
        ),
      );
  };
  await remove(runSteps, steps);
  await remove(approvals, waits);
  await remove(eventWaits, waits);
};
