import { type Database, tables, withSystem } from '@everwave/schema/db';
import type { KeyRing } from '@everwave/temporal/encryption';
import { and, eq, sql } from 'drizzle-orm';
import { entriesOf } from '../projection/entry.ts';
import { writeEntries } from '../projection/write-entries.ts';
import type { FoldedRun } from './fold-history.ts';

const { runs, runSteps } = tables;

/**
 * Replaces what the projection says about a run by what its history says. Returns false, and changes nothing, when the
 * run has gone on since its history was read.
 */
export const writeFolded = async (db: Database, ring: KeyRing, folded: FoldedRun): Promise<boolean> => {
  const { run, temporalRunId, seq } = folded;
  const current = await withSystem(db, async (tx) => {
    const [row] = await tx
      .select({ seq: runs.seq, temporalRunId: runs.temporalRunId })
      .from(runs)
      .where(and(eq(runs.id, run.runId), eq(runs.orgId, run.orgId)))
      .for('update');
    const [steps] = await tx
      .select({ seq: sql<number>`coalesce(max(${runSteps.seq}), 0)::int` })
      .from(runSteps)
      .where(and(eq(runSteps.runId, run.runId), eq(runSteps.temporalRunId, temporalRunId)));
    if (!row) return false;
    const isSamePart = row.temporalRunId === null || row.temporalRunId === temporalRunId;
    if (isSamePart && Math.max(row.seq, steps?.seq ?? 0) > seq) return false;
    // A reset begins again with lower numbers: what the projection holds would win over it.
    if (!isSamePart) {
      await tx.update(runs).set({ seq: 0 }).where(eq(runs.id, run.runId));
      await tx.update(runSteps).set({ seq: 0 }).where(eq(runSteps.runId, run.runId));
    }
    await removeOtherSteps(tx, folded);
    return true;
  });
  if (!current) return false;
  await writeEntries({ db, ring, source: 'history' }, folded.entries);
  return true;
};

/** Steps that the history does not have: a reset went back behind them. */
const removeOtherSteps = async (
  tx: Parameters<Parameters<typeof withSystem>[1]>[0],
  { run, entries }: FoldedRun,
): Promise<void> => {
  const kept = entriesOf(entries, 'step').map(({ transition }) => `${transition.path}#${transition.ordinal}`);
  await tx
    .delete(runSteps)
    .where(
      and(
        eq(runSteps.runId, run.runId),
        sql`${runSteps.path} || '#' || ${runSteps.ordinal} <> all(${sql.param(kept)}::text[])`,
      ),
    );
};
