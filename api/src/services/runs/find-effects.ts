import { tables, type Transaction } from '@everwave/schema/db';
import { closedRunStatuses } from '@everwave/schema/run';
import { and, asc, eq, inArray, notInArray, sql } from 'drizzle-orm';
import type { RunRow } from './find-run.ts';

const { effects, runs, runSteps } = tables;

/** What a run, or the run of a sub-flow in it, has done. `path`: `send`, or `ship/send` in the sub-flow of the step `ship`. */
export interface KnownEffect {
  readonly path: string;
  readonly state: 'confirmed' | 'sent' | 'unsure';
  readonly at: Date;
}

/**
 * A run, those that it was forked from, and the runs of all their sub-flows; `prefix` leads from the run's paths to theirs.
 */
const familyOf = ({ id, orgId }: RunRow) => sql`(
  with recursive family (id, origin, prefix) as (
    select id, fork_of_run_id, '' from ${runs} where id = ${id} and org_id = ${orgId}
    union
    select next.id, next.fork_of_run_id,
      case when next.id = family.origin then family.prefix else family.prefix || next.parent_path || '/' end
    from family join ${runs} as next on next.org_id = ${orgId} and (next.id = family.origin or next.parent_run_id = family.id)
  )
  select id, prefix from family
)`;

/** The newest effect of each step. */
export const findEffects = async (tx: Transaction, run: RunRow): Promise<KnownEffect[]> => {
  const path = sql<string>`family.prefix || ${effects.path}`;
  const rows = await tx
    .select({ path, state: effects.state, at: effects.updatedAt })
    .from(effects)
    .innerJoin(sql`${familyOf(run)} as family`, sql`family.id = ${effects.runId}`)
    .where(and(eq(effects.orgId, run.orgId), inArray(effects.state, ['confirmed', 'sent', 'unsure'])))
    .orderBy(asc(effects.updatedAt));
  return [...new Map(rows.map((row) => [row.path, row as KnownEffect])).values()];
};

/** Steps that are under way in open runs, and may be noted as effects any moment. */
export const findUnderWay = (tx: Transaction, run: RunRow) => {
  const path = sql<string>`family.prefix || ${runSteps.path}`;
  return tx
    .select({ path, generation: runSteps.generation, at: runSteps.updatedAt })
    .from(runSteps)
    .innerJoin(runs, eq(runs.id, runSteps.runId))
    .innerJoin(sql`${familyOf(run)} as family`, sql`family.id = ${runSteps.runId}`)
    .where(
      and(
        eq(runSteps.orgId, run.orgId),
        inArray(runSteps.status, ['running', 'waiting']),
        notInArray(runs.status, [...closedRunStatuses]),
      ),
    );
};
