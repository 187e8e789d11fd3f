import { tables, type Transaction } from '@everwave/schema/db';
import { limitSubjects } from '@everwave/schema/run';
import { and, count, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import { type RunLimits, type RunUsage, toRunLimits } from './run-limits.ts';

const { limits, runs } = tables;

export const readRunLimits = async (tx: Transaction, orgId: string): Promise<RunLimits> =>
  toRunLimits(
    await tx
      .select()
      .from(limits)
      .where(and(eq(limits.orgId, orgId), eq(limits.kind, 'runs'))),
  );

/**
 * A run has its place from when it was given one until it ends, parks, or waits for a time or for something from outside.
 * A sub-flow that its parent waits for runs in its parent's place: else the two could wait for each other.
 */
const holdsPlace = (orgId: string) =>
  and(
    eq(runs.orgId, orgId),
    inArray(runs.status, ['queued', 'running']),
    isNotNull(runs.placedAt),
    sql`${runs.parentWaits} is not true`,
  );

/** A run that waits until a limit allows it. */
export const withoutPlace = and(eq(runs.status, 'queued'), isNull(runs.placedAt));

export const readRunUsage = async (
  tx: Transaction,
  orgId: string,
  { windows }: Pick<RunLimits, 'windows'>,
): Promise<RunUsage> => {
  const running = await tx
    .select({ flowId: runs.flowId, count: count() })
    .from(runs)
    .where(holdsPlace(orgId))
    .groupBy(runs.flowId);
  const begun = new Map<number, ReadonlyMap<string, number>>();
  for (const seconds of windows) {
    const rows = await tx
      .select({ flowId: runs.flowId, count: count() })
      .from(runs)
      .where(
        and(
          eq(runs.orgId, orgId),
          sql`${runs.placedAt} > now() - make_interval(secs => ${seconds})`,
          sql`${runs.parentWaits} is not true`,
        ),
      )
      .groupBy(runs.flowId);
    begun.set(seconds, toMap(rows));
  }
  return { running: toMap(running), begun };
};

const toMap = (rows: readonly { readonly flowId: string; readonly count: number }[]): ReadonlyMap<string, number> =>
  new Map(rows.map((row) => [row.flowId, row.count]));

/** Runs that hold a place of this flow, the oldest first. */
export const findRunsWithPlace = (tx: Transaction, orgId: string, flowId: string) =>
  tx
    .select({ id: runs.id, status: runs.status, replacedByRunId: runs.replacedByRunId })
    .from(runs)
    .where(and(holdsPlace(orgId), eq(runs.flowId, flowId)))
    .orderBy(runs.id);

/** Nobody else gives out places of this org until the transaction ends. */
export const lockPlaces = async (tx: Transaction, orgId: string): Promise<void> => {
  await tx.execute(sql`select pg_advisory_xact_lock(${placesOf(orgId)})`);
};

/** The same, unless somebody else is at it. */
export const tryLockPlaces = async (tx: Transaction, orgId: string): Promise<boolean> => {
  const [row] = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(${placesOf(orgId)}) as locked`,
  );
  return row?.locked ?? false;
};

const placesOf = (orgId: string) => sql`hashtextextended('run places ' || ${orgId}, 0)`;

/** Whether a limit has a say in whether a run of this flow may begin. */
export const isRunLimited = (orgId: string, flowId: string) => sql<boolean>`exists (
  select from ${limits} where ${limits.orgId} = ${orgId} and ${limits.kind} = 'runs'
    and (${limits.atOnce} is not null or ${limits.rateCount} is not null)
    and ${limits.subject} in (${limitSubjects.org}, ${limitSubjects.eachFlow}, ${limitSubjects.flow(flowId)})
)`;
