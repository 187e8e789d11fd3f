import type { FlowInsights, Insights, InsightsQuery, NodeInsights } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { flowIdSchema } from '@everwave/schema/ids';
import { type RunStatus, runStatuses } from '@everwave/schema/run';
import { inArray, type SQL, sql } from 'drizzle-orm';
import { type Reach, within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { insightsWindow, type InsightsWindow } from './insights-window.ts';

const { flows } = tables;
const mostFlows = 50;
const mostNodes = 100;

/** Counts, rates, durations and cost of the runs that began in the window, computed in Postgres from the projection. */
export const readInsights = async (
  context: Pick<ServiceContext, 'db'> & Reach,
  { days, flowId }: InsightsQuery,
  now = Date.now(),
): Promise<Insights> => {
  const window = insightsWindow(days, now);
  const { db, caller } = context;
  const reached = within(context, 'flow', tables.runs.flowId);
  const chosen = chosenRuns({ orgId: caller.orgId, flowId, reached, window });
  return withOrg(db, caller.orgId, async (tx) => {
    const inBuckets = await statistics(tx, chosen, sql`date_trunc(${window.bucket}, created_at, 'UTC')`);
    const byFlow = await statistics(tx, chosen, sql`flow_id`);
    const [total] = await statistics(tx, chosen, sql`'all'::text`);
    const ofBucket = new Map(inBuckets.map(({ key, ...found }) => [new Date(key).getTime(), found]));
    const { key: _, ...all } = total ?? { key: '', ...nothing() };
    return {
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      bucket: window.bucket,
      total: all,
      series: window.buckets.map((at) => ({ at: at.toISOString(), ...(ofBucket.get(at.getTime()) ?? nothing()) })),
      flows: await withNames(tx, byFlow),
      nodes: await nodeStatistics(tx, chosen),
    };
  });
};

const chosenRuns = ({
  orgId,
  flowId,
  reached,
  window,
}: {
  readonly orgId: string;
  readonly flowId: string | undefined;
  readonly reached: SQL | undefined;
  readonly window: InsightsWindow;
}): SQL => sql`
  chosen as materialized (
    select id, org_id, flow_id, plan_hash, status, created_at, fork_of_run_id,
           extract(epoch from finished_at - coalesce(started_at, created_at)) * 1000 as took
    from runs
    where org_id = ${orgId} and created_at >= ${window.from.toISOString()} and created_at <= ${window.to.toISOString()}
      ${flowId === undefined ? sql`` : sql`and flow_id = ${flowId}`}
      ${reached === undefined ? sql`` : sql`and ${reached}`}
  ),
  costs as materialized (
    select m.run_id, m.path, m.ordinal, sum(m.amount::numeric) as usd
    from run_meters m join chosen on chosen.id = m.run_id
    where m.org_id = ${orgId} and lower(m.unit) = 'usd'
    group by m.run_id, m.path, m.ordinal
  )`;

type Statistics = Insights['total'];
type StatisticsRow = Statistics & { readonly key: string };

const nothing = (): Statistics => ({
  runs: 0,
  byStatus: byStatus({}),
  successRate: null,
  p50Ms: null,
  p95Ms: null,
  usd: 0,
});

const byStatus = (counts: Readonly<Record<string, number>>): Record<RunStatus, number> =>
  Object.fromEntries(runStatuses.map((status) => [status, counts[status] ?? 0])) as Record<RunStatus, number>;

/** Groups the chosen runs by this expression over a row of `chosen`. */
const statistics = async (tx: Transaction, chosen: SQL, key: SQL): Promise<StatisticsRow[]> => {
  const rows = await tx.execute<{
    key: string | Date;
    counts: Record<string, number>;
    runs: number;
    p50: number | null;
    p95: number | null;
    usd: string | number;
  }>(sql`
    with ${chosen},
    keyed as (select ${key} as key, id, status, took from chosen),
    counted as (select key, status, count(*)::int as count from keyed group by key, status),
    counts as (select key, jsonb_object_agg(status, count) as counts, sum(count)::int as runs from counted group by key),
    durations as (
      select key,
             percentile_cont(0.5) within group (order by took)::float8 as p50,
             percentile_cont(0.95) within group (order by took)::float8 as p95
      from keyed where took is not null group by key
    ),
    paid as (select key, sum(usd)::float8 as usd from keyed join costs on costs.run_id = keyed.id group by key)
    select counts.key, counts.counts, counts.runs, p50, p95, coalesce(usd, 0) as usd
    from counts
    left join durations on durations.key = counts.key
    left join paid on paid.key = counts.key
    order by counts.runs desc, counts.key`);
  return [...rows].map(({ key: found, counts, runs, p50, p95, usd }) => ({
    key: found instanceof Date ? found.toISOString() : found,
    runs,
    byStatus: byStatus(counts),
    successRate: rateOf(counts['succeeded'] ?? 0, counts['failed'] ?? 0),
    p50Ms: p50,
    p95Ms: p95,
    usd: Number(usd),
  }));
};

const rateOf = (part: number, rest: number): number | null => (part + rest === 0 ? null : part / (part + rest));

const withNames = async (tx: Transaction, rows: readonly StatisticsRow[]): Promise<FlowInsights[]> => {
  const shown = rows.slice(0, mostFlows);
  const ids = shown.map(({ key }) => key);
  const names = await tx.select({ id: flows.id, name: flows.name }).from(flows).where(inArray(flows.id, ids));
  const nameOf = new Map(names.map(({ id, name }) => [id, name]));
  return shown.map(({ key, ...found }) => ({
    flowId: flowIdSchema.parse(key),
    flowName: nameOf.get(key) ?? key,
    ...found,
  }));
};

/** Steps of the chosen runs by flow and node, with the title that the newest of these runs had for it. */
const nodeStatistics = async (tx: Transaction, chosen: SQL): Promise<NodeInsights[]> => {
  const rows = await tx.execute<{
    flow_id: string;
    flow_name: string | null;
    step_id: string;
    title: string | null;
    activity: string | null;
    steps: number;
    succeeded: number;
    failed: number;
    failed_attempts: number;
    p50: number | null;
    p95: number | null;
    usd: string | number;
  }>(sql`
    with ${chosen},
    newest as (
      select distinct on (flow_id) flow_id, org_id, plan_hash from chosen order by flow_id, created_at desc
    ),
    tries as (
      select a.run_id, a.path, a.ordinal, count(*) filter (where a.status = 'failed')::int as failed
      from run_attempts a join chosen on chosen.id = a.run_id
      group by a.run_id, a.path, a.ordinal
    ),
    begun as (
      select chosen.flow_id, s.run_id, s.path, s.ordinal, s.step_id, s.status,
             extract(epoch from s.finished_at - s.started_at) * 1000 as took,
             coalesce(tries.failed, 0) as failed_attempts, costs.usd
      from run_steps s
      join chosen on chosen.id = s.run_id
      left join tries on tries.run_id = s.run_id and tries.path = s.path and tries.ordinal = s.ordinal
      left join costs on costs.run_id = s.run_id and costs.path = s.path and costs.ordinal = s.ordinal
      where s.status not in ('pending', 'skipped')
        -- What a fork has taken over ran in another run.
        and (chosen.fork_of_run_id is null or s.started_at >= chosen.created_at)
    )
    select begun.flow_id, max(flows.name) as flow_name, begun.step_id,
           max(plans.plan #>> array['steps', begun.step_id, 'title']) as title,
           max(plans.plan #>> array['steps', begun.step_id, 'activity']) as activity,
           count(*)::int as steps,
           count(*) filter (where begun.status = 'succeeded')::int as succeeded,
           count(*) filter (where begun.status in ('failed', 'needs_attention'))::int as failed,
           sum(begun.failed_attempts)::int as failed_attempts,
           percentile_cont(0.5) within group (order by took) filter (where took is not null)::float8 as p50,
           percentile_cont(0.95) within group (order by took) filter (where took is not null)::float8 as p95,
           coalesce(sum(begun.usd), 0)::float8 as usd
    from begun
    join newest on newest.flow_id = begun.flow_id
    left join flows on flows.id = begun.flow_id
    left join plans on plans.org_id = newest.org_id and plans.hash = newest.plan_hash
    group by begun.flow_id, begun.step_id
    order by failed desc, p95 desc nulls last, begun.flow_id, begun.step_id
    limit ${mostNodes}`);
  return [...rows].map((row) => ({
    flowId: flowIdSchema.parse(row.flow_id),
    flowName: row.flow_name ?? row.flow_id,
    stepId: row.step_id,
    title: row.title ?? row.step_id,
    activity: row.activity,
    steps: row.steps,
    failed: row.failed,
    errorRate: rateOf(row.failed, row.succeeded),
    failedAttempts: row.failed_attempts,
    p50Ms: row.p50,
    p95Ms: row.p95,
    usd: Number(row.usd),
  }));
};
