import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import { contradicted } from '../projection/contradictions.ts';
import type { FoldedRun } from './fold-history.ts';
import type { StartedBatch } from './read-batches.ts';
import { anew, outsideBatches, removeOthers, type StepTable, toKey } from './write-folded.ts';

const { approvals, eventWaits, runs, runSteps } = tables;

/**
 * Makes room for what a batch's history says, where its rows are in doubt: they stand for a workflow task that never
 * completed, or for the one after it. Returns false when the batch has gone on since its history was read, or is just about to.
 */
export const clearContradicted = async (tx: Transaction, folded: FoldedRun, batch: StartedBatch): Promise<boolean> => {
  if (folded.isTaskUnderWay) return false;
  const { runId } = folded.run;
  await tx.select({ id: runs.id }).from(runs).where(eq(runs.id, runId)).for('update');
  const meant = and(
    eq(runSteps.runId, runId),
    outsideBatches(folded, runSteps.path),
    or(
      inArray(runSteps.temporalRunId, [...(folded.temporalRunIds ?? [])]),
      and(eq(runSteps.temporalRunId, contradicted), isInBatch(batch)),
    ),
  );
  const { path, ordinal, seq, temporalRunId } = runSteps;
  const rows = await tx.select({ path, ordinal, seq, temporalRunId }).from(runSteps).where(meant);
  if (rows.some((row) => row.temporalRunId !== contradicted && row.seq > folded.seq)) return false;
  const keys = rows.map(toKey);
  const isOfRows = (table: StepTable) =>
    and(eq(table.runId, runId), sql`${table.path} || '#' || ${table.ordinal} = any(${sql.param(keys)}::text[])`);
  await tx.update(runSteps).set(anew(folded)).where(meant);
  await tx.update(approvals).set({ seq: 0 }).where(isOfRows(approvals));
  await tx.update(eventWaits).set({ seq: 0 }).where(isOfRows(eventWaits));
  if (folded.isWhole) await removeOthers(tx, folded, (table) => (table === runSteps ? meant : isOfRows(table)));
  return true;
};

/** Paths of other steps have no number at that place. */
const isInBatch = ({ path, number, size }: StartedBatch): SQL => {
  const prefix = `${path}[`;
  return sql`case when starts_with(${runSteps.path}, ${prefix})
    then split_part(substr(${runSteps.path}, ${prefix.length + 1}::int), ']', 1)::int / ${size}::int = ${number}::int
    else false end`;
};
