import { type Database, tables, toLoggable, type Transaction, withSystem } from '@everwave/schema/db';
import { createRounds, type Rounds } from '@everwave/temporal/rounds';
import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { AppDependencies } from '../context.ts';
import {
  findRunsWithPlace,
  readRunLimits,
  readRunUsage,
  tryLockPlaces,
  withoutPlace,
} from '../limits/read-run-limits.ts';
import { choosePlaces, type RunLimits } from '../limits/run-limits.ts';

const { runs } = tables;

type Tools = Pick<AppDependencies, 'db' | 'temporal' | 'log'>;

/** Waiting runs of one flow that are looked at per round. */
const mostPerFlow = 100;
/** Seconds until a run that was told to end, and has not heard it, is told again. */
const tellAgainSeconds = 30;

/**
 * Gives places to runs that wait for one, in every API process at once. Places are counted anew each time, from the runs:
 * there is no counter that could keep what a process that died had taken. `onPlaced` hears when some may start.
 */
export const createPlacer = (tools: Tools, onPlaced: () => void, { interval = 250 } = {}): Rounds => {
  const round = async (): Promise<number> => {
    let placed = 0;
    for (const orgId of await findOrgs(tools.db)) {
      try {
        placed += await placeRunsOfOrg(tools, orgId);
      } catch (error) {
        tools.log.warn('places not given, will be tried again', { orgId, error: toLoggable(error) });
      }
    }
    if (placed > 0) onPlaced();
    return placed;
  };
  return createRounds({ round, interval, name: 'place', logger: tools.log });
};

/** Orgs with a run that waits, each found by one step along the index. */
const findOrgs = async (db: Database): Promise<string[]> =>
  withSystem(db, async (tx) => {
    const next = (after: ReturnType<typeof sql>) => sql`
      (select org_id from ${runs} where status = 'queued' and placed_at is null ${after} order by org_id limit 1)`;
    const found = await tx.execute<{ org_id: string }>(sql`
      with recursive waiting as (
        ${next(sql``)}
        union all
        select ${next(sql`and org_id > waiting.org_id`)} from waiting where waiting.org_id is not null
      )
      select org_id from waiting where org_id is not null`);
    return found.map(({ org_id }) => org_id);
  });

const placeRunsOfOrg = async (tools: Tools, orgId: string): Promise<number> => {
  const done = await withSystem(tools.db, async (tx) => {
    if (!(await tryLockPlaces(tx, orgId))) return { placed: 0, ended: [] };
    const limits = await readRunLimits(tx, orgId);
    const usage = await readRunUsage(tx, orgId, limits);
    const waiting = await findWaiting(tx, orgId, limits);
    const placed = choosePlaces(limits, usage, waiting);
    if (placed.length > 0) {
      await tx
        .update(runs)
        .set({ placedAt: sql`now()`, nextStartAt: sql`now()`, updatedAt: sql`now()` })
        .where(and(inArray(runs.id, placed), withoutPlace));
    }
    const given = new Set(placed);
    const left = [...waiting].map(([flowId, ids]) => ({ flowId, ids: ids.filter((id) => !given.has(id)) }));
    const ended = [];
    for (const { flowId, ids } of left) {
      if (ids.length > 0) ended.push(...(await makeRoom(tx, orgId, flowId, ids, limits)));
    }
    return { placed: placed.length, ended };
  });
  await Promise.all(done.ended.map((run) => tellToEnd(tools, orgId, run)));
  return done.placed;
};

/** Runs that wait, oldest first, by flow. Of a flow whose newest run replaces the others, only as many as it may have. */
const findWaiting = async (tx: Transaction, orgId: string, limits: RunLimits): Promise<Map<string, string[]>> => {
  const waiting = new Map<string, string[]>();
  const ofOrg = and(eq(runs.orgId, orgId), withoutPlace);
  let flowId: string | undefined;
  const nextFlow = async (after: string) =>
    (
      await tx
        .select({ flowId: runs.flowId })
        .from(runs)
        .where(and(ofOrg, sql`${runs.flowId} > ${after}`))
        .orderBy(asc(runs.flowId))
        .limit(1)
    )[0]?.flowId;
  while ((flowId = await nextFlow(flowId ?? '')) !== undefined) {
    const limit = limits.of(flowId);
    if (limit?.whenFull === 'replace' && limit.atOnce !== null) await dropOlder(tx, orgId, flowId, limit.atOnce);
    const rows = await tx
      .select({ id: runs.id })
      .from(runs)
      .where(and(ofOrg, eq(runs.flowId, flowId)))
      .orderBy(asc(runs.id))
      .limit(mostPerFlow);
    waiting.set(
      flowId,
      rows.map(({ id }) => id),
    );
  }
  return waiting;
};

/** What waits and is older than the newest ones would be replaced as soon as it began. */
const dropOlder = async (tx: Transaction, orgId: string, flowId: string, kept: number): Promise<void> => {
  const ofFlow = and(eq(runs.orgId, orgId), eq(runs.flowId, flowId), withoutPlace);
  const newest = await tx.select({ id: runs.id }).from(runs).where(ofFlow).orderBy(desc(runs.id)).limit(kept);
  const oldestKept = newest.at(-1)?.id;
  if (newest.length < kept || oldestKept === undefined) return;
  await tx
    .update(runs)
    .set({ status: 'cancelled', finishedAt: sql`now()`, updatedAt: sql`now()`, replacedByRunId: newest[0]?.id ?? null })
    .where(and(ofFlow, lt(runs.id, oldestKept)));
};

interface EndedRun {
  readonly id: string;
  readonly hostWorkflowId: string | null;
}

/** Where the flow's newest run replaces the others: has as many of the oldest end as wait. They keep their place until then. */
const makeRoom = async (
  tx: Transaction,
  orgId: string,
  flowId: string,
  waiting: readonly string[],
  limits: RunLimits,
): Promise<EndedRun[]> => {
  const limit = limits.of(flowId);
  if (limit?.whenFull !== 'replace' || limit.atOnce === null) return [];
  const holders = await findRunsWithPlace(tx, orgId, flowId);
  const excess = holders.length + waiting.length - limit.atOnce;
  if (excess <= 0) return [];
  const ids = holders.slice(0, excess).map(({ id }) => id);
  const replaced = {
    replacedByRunId: sql`coalesce(${runs.replacedByRunId}, ${waiting.at(-1) ?? null})`,
    updatedAt: sql`now()`,
  };
  // Temporal may be just starting it: the dispatcher then finds it cancelled and stops it.
  await tx
    .update(runs)
    .set({ ...replaced, status: 'cancelled', finishedAt: sql`now()` })
    .where(and(inArray(runs.id, ids), eq(runs.status, 'queued')));
  return tx
    .update(runs)
    .set({ ...replaced, nextStartAt: sql`now() + make_interval(secs => ${tellAgainSeconds})` })
    .where(
      and(
        inArray(runs.id, ids),
        eq(runs.status, 'running'),
        sql`(${runs.replacedByRunId} is null or ${runs.nextStartAt} <= now())`,
      ),
    )
    .returning({ id: runs.id, hostWorkflowId: runs.hostWorkflowId });
};

const tellToEnd = async ({ temporal, log }: Tools, orgId: string, run: EndedRun): Promise<void> => {
  try {
    await temporal.cancelRun({ orgId, runId: run.id, hostWorkflowId: run.hostWorkflowId });
    log.info('run told to end, a newer one replaces it', { orgId, runId: run.id });
  } catch (error) {
    log.warn('run not told to end, will be tried again', { orgId, runId: run.id, error: toLoggable(error) });
  }
};
