import { tables, type Transaction } from '@everwave/schema/db';
import { and, asc, count, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { RunRow } from './find-run.ts';
import type { StepRow } from './to-run.ts';

const { runSteps } = tables;

/** Rows that a page can show at once. Of a run with more, iterations of its loops are left out. */
const mostRows = 2_000;
/** Iterations that are shown of each loop then: the first ones, and as many that somebody came for. */
const firstIterations = 50;
const urgentRows = 200;
const urgent = ['needs_attention', 'failed', 'retrying', 'running', 'waiting'] as const;

export interface ShownSteps {
  readonly steps: StepRow[];
  /** Rows of iterations that were left out. */
  readonly hidden: number;
}

/**
 * A run's steps, in the order they began. Of a run with very many: everything outside of loops, the first iterations, what
 * fails, runs or waits, and the iteration in which the step `beside` stands.
 */
export const shownSteps = async (tx: Transaction, run: RunRow, beside?: string): Promise<ShownSteps> => {
  const ofRun = and(eq(runSteps.runId, run.id), eq(runSteps.orgId, run.orgId));
  const [total] = await tx.select({ rows: count() }).from(runSteps).where(ofRun);
  const all = total?.rows ?? 0;
  const steps = await tx
    .select()
    .from(runSteps)
    .where(all > mostRows ? and(ofRun, await chosen(tx, ofRun, beside)) : ofRun)
    .orderBy(asc(runSteps.startedAt), asc(runSteps.seq), asc(runSteps.path))
    .limit(mostRows * 2);
  return { steps, hidden: Math.max(0, all - steps.length) };
};

const chosen = async (
  tx: Transaction,
  ofRun: SQL | undefined,
  beside: string | undefined,
): Promise<SQL | undefined> => {
  const found = await tx
    .select({ path: runSteps.path })
    .from(runSteps)
    .where(and(ofRun, inArray(runSteps.status, [...urgent])))
    .orderBy(asc(runSteps.path))
    .limit(urgentRows);
  const iteration = beside === undefined ? '' : (/^.*\]/.exec(beside)?.[0] ?? '');
  return or(
    isEarly,
    inArray(
      runSteps.path,
      found.map(({ path }) => path),
    ),
    ...(iteration === '' ? [] : [sql`starts_with(${runSteps.path}, ${`${iteration}.`})`]),
  );
};

/** No index on the path has two digits with the first beyond the limit, or more digits. */
const isEarly = sql`${runSteps.path} !~ ${`\\[([${firstIterations / 10}-9][0-9]|[0-9]{3,})\\]`}`;
