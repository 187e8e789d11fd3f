import { tables, type Transaction } from '@everwave/schema/db';
import { and, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';

const { flows } = tables;

export type FlowRow = typeof flows.$inferSelect;

/** The flow of the caller's org. `lock` keeps others from changing it until the transaction ends. */
export const getFlow = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  flowId: string,
  lock: 'lock' | 'read' = 'read',
): Promise<FlowRow> => {
  const query = tx
    .select()
    .from(flows)
    .where(and(eq(flows.id, flowId), eq(flows.orgId, caller.orgId)));
  const [row] = await (lock === 'lock' ? query.for('update') : query);
  if (!row) throw problem('flow_not_found', `Your org has no flow ${flowId}.`);
  return row;
};
