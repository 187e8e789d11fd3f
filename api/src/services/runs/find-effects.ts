import { tables, type Transaction } from '@everwave/schema/db';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { RunRow } from './find-run.ts';

const { effects, runs } = tables;

export interface KnownEffect {
  readonly path: string;
  readonly state: 'confirmed' | 'sent' | 'unsure';
  readonly at: Date;
}

/**
 * What a run has, or may have, done to the world: itself, or those that it was forked from. The newest of each step.
 */
export const findEffects = async (tx: Transaction, { id, orgId }: RunRow): Promise<KnownEffect[]> => {
  const lineage = sql`(
    with recursive lineage as (
      select id, fork_of_run_id from ${runs} where id = ${id}
      union
      select earlier.id, earlier.fork_of_run_id from ${runs} as earlier join lineage on earlier.id = lineage.fork_of_run_id
    )
    select id from lineage
  )`;
  const rows = await tx
    .select({ path: effects.path, state: effects.state, at: effects.updatedAt })
    .from(effects)
    .where(
      and(
        eq(effects.orgId, orgId),
        sql`${effects.runId} in ${lineage}`,
        inArray(effects.state, ['confirmed', 'sent', 'unsure']),
      ),
    )
    .orderBy(asc(effects.updatedAt));
  return [...new Map(rows.map((row) => [row.path, row as KnownEffect])).values()];
};
