import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import { problem } from '../../problems.ts';

const { runs } = tables;

export type RunRow = typeof runs.$inferSelect;

/** The run of the caller's org, if it is of a flow that they may reach. `lock` keeps others from changing it until the transaction ends. */
export const getRun = async (
  tx: Transaction,
  reach: Reach,
  runId: string,
  lock: 'lock' | 'read' = 'read',
): Promise<RunRow> => {
  const where = and(eq(runs.id, runId), eq(runs.orgId, reach.caller.orgId));
  const query = tx
    .select()
    .from(runs)
    .where(and(where, within(reach, 'flow', runs.flowId)));
  const [row] = await (lock === 'lock' ? query.for('update') : query);
  if (row) return row;
  const notFound = problem('run_not_found', `Your org has no run ${runId}.`);
  throw await whyMissing(tx, reach, { from: runs, where, notFound });
};
