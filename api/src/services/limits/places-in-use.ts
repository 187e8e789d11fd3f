import { tables, type Transaction } from '@everwave/schema/db';
import { and, count, eq, gt, or, sql } from 'drizzle-orm';
import { readRunUsage, withoutPlace } from '../../limits/read-run-limits.ts';
import { runningIn } from '../../limits/run-limits.ts';

const { runs, stepLeases, stepWaits } = tables;

interface Places {
  readonly running: number;
  readonly waiting: number;
}

/** Runs of the org, or of one flow, that have a place and that wait for one. */
export const runPlaces = async (tx: Transaction, orgId: string, flowId?: string): Promise<Places> => {
  const usage = await readRunUsage(tx, orgId, { windows: [] });
  const [row] = await tx
    .select({ count: count() })
    .from(runs)
    .where(and(eq(runs.orgId, orgId), withoutPlace, flowId === undefined ? undefined : eq(runs.flowId, flowId)));
  return { running: runningIn(usage, flowId), waiting: row?.count ?? 0 };
};

/** Steps that have a place under a limit and that wait for one; of a flow, under its own and its nodes' together. */
export const stepPlaces = async (tx: Transaction, orgId: string, subject: string): Promise<Places> => {
  const within = (column: typeof stepLeases.subject | typeof stepWaits.subject) =>
    or(eq(column, subject), sql`starts_with(${column}, ${`${subject}/`})`);
  const [leases] = await tx
    .select({ count: sql<number>`count(distinct ${stepLeases.holder})::integer` })
    .from(stepLeases)
    .where(and(eq(stepLeases.orgId, orgId), within(stepLeases.subject), gt(stepLeases.expiresAt, sql`now()`)));
  const [waits] = await tx
    .select({ count: sql<number>`count(distinct ${stepWaits.holder})::integer` })
    .from(stepWaits)
    .where(
      and(eq(stepWaits.orgId, orgId), within(stepWaits.subject), gt(stepWaits.dueAt, sql`now() - interval '1 minute'`)),
    );
  return { running: leases?.count ?? 0, waiting: waits?.count ?? 0 };
};
