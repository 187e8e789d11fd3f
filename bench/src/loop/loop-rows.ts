import { withSystem } from '@everwave/schema/db';
import { sql } from 'drizzle-orm';
import type { Stage } from '../stage/stage.ts';

export interface LoopRows {
  /** Effects in the ledger, each under a key of its own, and how often they were sent. */
  readonly effects: number;
  readonly sent: number;
  /** Items whose step has ended well, and items of any state. */
  readonly succeeded: number;
  readonly items: number;
}

/** What the database says of a loop's items. */
export const readLoopRows = ({ db }: Stage, runId: string): Promise<LoopRows> =>
  withSystem(db, async (tx) => {
    const [row] = await tx.execute<{ effects: number; sent: number; succeeded: number; items: number }>(sql`
      select
        (select count(*) from effects where run_id = ${runId})::int as effects,
        (select coalesce(sum(attempt), 0) from effects where run_id = ${runId})::int as sent,
        (count(*) filter (where status = 'succeeded'))::int as succeeded,
        count(*)::int as items
      from run_steps where run_id = ${runId} and step_id = 'notify'`);
    return row ?? { effects: 0, sent: 0, succeeded: 0, items: 0 };
  });

/** The most events that any history of the run has: of its own workflow and of its batches, in all their parts. */
export const longestHistory = async ({ temporal }: Stage, workflowId: string): Promise<number> => {
  let longest = 0;
  for await (const { workflowId: id, historyLength } of temporal.ours.workflow.list({ pageSize: 1_000 })) {
    if (id === workflowId || id.startsWith(`${workflowId}/`)) longest = Math.max(longest, historyLength);
  }
  return longest;
};

/** Workflows of the run that have not ended. */
export const countOpenWorkflows = async ({ temporal }: Stage, workflowId: string): Promise<number> => {
  let open = 0;
  for await (const { workflowId: id } of temporal.ours.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
    if (id === workflowId || id.startsWith(`${workflowId}/`)) open += 1;
  }
  return open;
};
