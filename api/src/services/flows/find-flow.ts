import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import { type Reach, whyMissing, within } from '../../auth/within.ts';
import { problem } from '../../problems.ts';

const { flows } = tables;

export type FlowRow = typeof flows.$inferSelect;

/** The flow of the caller's org, if it is one that they may reach. `lock` keeps others from changing it until the transaction ends. */
export const getFlow = async (
  tx: Transaction,
  reach: Reach,
  flowId: string,
  lock: 'lock' | 'read' = 'read',
): Promise<FlowRow> => {
  const where = and(eq(flows.id, flowId), eq(flows.orgId, reach.caller.orgId));
  const query = tx
    .select()
    .from(flows)
    .where(and(where, within(reach, 'flow', flows.id)));
  const [row] = await (lock === 'lock' ? query.for('update') : query);
  if (row) return row;
  const notFound = problem('flow_not_found', `Your org has no flow ${flowId}.`);
  throw await whyMissing(tx, reach, { from: flows, where, notFound });
};
