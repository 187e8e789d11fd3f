import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { Actor } from '../../context.ts';
import { problem } from '../../problems.ts';

const { runs } = tables;

export type RunRow = typeof runs.$inferSelect;

/** The run of the caller's org. `lock` keeps others from changing it until the transaction ends. */
export const getRun = async (
  tx: Transaction,
  { caller }: { readonly caller: Actor },
  runId: string,
  lock: 'lock' | 'read' = 'read',
): Promise<RunRow> => {
  const query = tx
    .select()
    .from(runs)
    .where(and(eq(runs.id, runId), eq(runs.orgId, caller.orgId)));
  const [row] = await (lock === 'lock' ? query.for('update') : query);
  if (!row) throw problem('run_not_found', `Your org has no run ${runId}.`);
  return row;
};
