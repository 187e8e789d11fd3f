import { type FlowGraph, scheduleOf } from '@everwave/schema/flow';
import { tables, type Transaction } from '@everwave/schema/db';
import { eq, sql } from 'drizzle-orm';
import type { PreparedTrigger } from '../flows/prepare-triggers.ts';

const { schedules } = tables;

/** What is to be told to Temporal anew, at once. */
const anew = {
  revision: sql`${schedules.revision} + 1`,
  nextAttemptAt: sql`now()`,
  attempts: 0,
  lastError: null,
  updatedAt: sql`now()`,
};

/** A row for each schedule of a published drawing. One that is no longer drawn keeps its row, and leaves Temporal. */
export const storeSchedules = async (
  tx: Transaction,
  flow: { readonly id: string; readonly orgId: string },
  graph: FlowGraph,
  triggers: readonly PreparedTrigger[],
): Promise<void> => {
  await tellAnew(tx, flow.id);
  for (const node of graph.nodes) {
    const schedule = scheduleOf(node);
    const trigger = triggers.find(({ nodeId }) => nodeId === node.id);
    if (!schedule || !trigger) continue;
    await tx
      .insert(schedules)
      .values({ triggerId: trigger.id, orgId: flow.orgId, flowId: flow.id, schedule })
      .onConflictDoUpdate({ target: schedules.triggerId, set: { schedule } });
  }
};

/** Whatever Temporal has of a flow's schedules is compared with what it is to have. In the transaction of the change. */
export const tellAnew = (tx: Transaction, flowId: string): Promise<unknown> =>
  tx.update(schedules).set(anew).where(eq(schedules.flowId, flowId));

/** The same for one. */
export const changeSchedule = (
  tx: Transaction,
  triggerId: string,
  change: Partial<Pick<typeof schedules.$inferInsert, 'pausedAt' | 'pausedBy' | 'pauseReason'>>,
): Promise<unknown> =>
  tx
    .update(schedules)
    .set({ ...anew, ...change })
    .where(eq(schedules.triggerId, triggerId));
