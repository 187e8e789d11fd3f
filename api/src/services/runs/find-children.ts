import { tables, type Transaction } from '@everwave/schema/db';
import type { RunRow } from './find-run.ts';
import { closedRunStatuses } from '@everwave/schema/run';
import { and, eq, notInArray, sql } from 'drizzle-orm';

const { runs, runSteps } = tables;

/** The run that stands behind a sub-flow's step: of the run itself, or of the one that it was forked from. */
export const findChild = async (tx: Transaction, { id, orgId }: RunRow, path: string): Promise<string | null> => {
  const [row] = await tx.execute<{ id: string }>(sql`
    with recursive lineage (id, origin, age) as (
      select id, fork_of_run_id, 0 from ${runs} where id = ${id} and org_id = ${orgId}
      union all
      select earlier.id, earlier.fork_of_run_id, lineage.age + 1
      from lineage join ${runs} as earlier on earlier.id = lineage.origin and earlier.org_id = ${orgId}
    )
    select child.id from lineage
    join ${runs} as child on child.parent_run_id = lineage.id and child.parent_path = ${path}
    order by lineage.age, child.parent_ordinal desc limit 1`);
  return row?.id ?? null;
};

export interface OpenChild {
  readonly runId: string;
  /** Of the step that waits for it. */
  readonly path: string;
  readonly status: RunRow['status'];
  /** Its last transition. */
  readonly seq: number;
}

/** Runs of sub-flows that a run's steps wait for. */
export const findOpenChildren = async (tx: Transaction, orgId: string, runId: string): Promise<OpenChild[]> => {
  const lastStep = tx
    .select({ seq: sql<number>`coalesce(max(${runSteps.seq}), 0)` })
    .from(runSteps)
    .where(eq(runSteps.runId, runs.id));
  const rows = await tx
    .select({
      runId: runs.id,
      path: sql<string>`coalesce(${runs.parentPath}, '')`,
      status: runs.status,
      seq: sql<number>`greatest(${runs.seq}, (${lastStep}))::int`,
    })
    .from(runs)
    .where(
      and(
        eq(runs.orgId, orgId),
        eq(runs.parentRunId, runId),
        eq(runs.parentWaits, true),
        notInArray(runs.status, [...closedRunStatuses]),
      ),
    )
    .orderBy(runs.id);
  return rows;
};

/** A run's open sub-flows and those inside them, the innermost first. */
export const findOpenDescendants = async (tx: Transaction, orgId: string, runId: string): Promise<OpenChild[]> => {
  const all: OpenChild[] = [];
  for (const child of await findOpenChildren(tx, orgId, runId)) {
    all.push(...(await findOpenDescendants(tx, orgId, child.runId)), child);
  }
  return all;
};
