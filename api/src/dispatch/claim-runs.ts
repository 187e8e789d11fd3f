import { randomUUIDv7 } from 'node:crypto';
import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import { hostWorkflowIdOf } from '@everwave/schema/ids';
import { hostLimits } from '@everwave/schema/run';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { pack } from './pack.ts';
import type { PlanCache } from './plan-cache.ts';

const { runs } = tables;

export type ClaimedRun = typeof runs.$inferSelect;

/** Runs of one plan that one workflow is to advance together. */
export interface ClaimedHost {
  readonly workflowId: string;
  readonly runs: readonly ClaimedRun[];
}

export interface Claim {
  /** Each is to be started by itself. */
  readonly runs: readonly ClaimedRun[];
  readonly hosts: readonly ClaimedHost[];
}

/** Seconds after which a claimed run whose process died is tried by another one. */
const claimSeconds = 30;
/** Due rows that are looked at per round, shared by the orgs that have some: enough for a few full hosts. */
const window = 200;
/** Each org has at least so many of them. */
const leastOfOrg = 4;

interface Due {
  readonly id: string;
  readonly orgId: string;
  readonly planHash: string;
  readonly hostable: boolean;
  readonly hostWorkflowId: string | null;
  readonly bytes: number;
}

/**
 * Takes runs that Temporal has not confirmed for this process alone, orgs in turn and the oldest of each first: up to
 * `limit` to be started by themselves, and hosts. The claim is a moment in the future, not a lock held while Temporal is called; starting twice is
 * harmless. Which host has a run is written here, before anything is started, so that whoever tries again tries the same.
 */
export const claimRuns = (db: Database, plans: PlanCache, limit: number): Promise<Claim> =>
  withSystem(db, async (tx) => {
    const due = await findDue(tx);
    const { single, hosts } = await groupRuns(tx, plans, due);
    const begun = new Set(due.flatMap(({ hostWorkflowId }) => hostWorkflowId ?? []));
    const claimed = await take(tx, inArray(runs.id, single.slice(0, limit)));
    const fresh = [];
    for (const { workflowId, ids } of hosts) {
      fresh.push({ workflowId, runs: await take(tx, inArray(runs.id, [...ids]), workflowId) });
    }
    const again = [];
    for (const workflowId of begun) {
      const ofHost = and(eq(runs.hostWorkflowId, workflowId), eq(runs.status, 'queued'));
      again.push({ workflowId, runs: await take(tx, ofHost, workflowId) });
    }
    return { runs: claimed, hosts: [...fresh, ...again] };
  });

const isDue = sql`status = 'queued' and placed_at is not null and next_start_at <= now()`;

/** The orgs that have due runs are found one step along the index each, however many runs one of them has. */
const findDue = async (tx: Transaction): Promise<Due[]> => {
  const found = await tx.execute<{
    id: string;
    org_id: string;
    plan_hash: string;
    hostable: boolean;
    host_workflow_id: string | null;
    bytes: number;
  }>(sql`
    with recursive orgs as (
      (select org_id from ${runs} where ${isDue} order by org_id limit 1)
      union all
      select (select org_id from ${runs} where ${isDue} and org_id > orgs.org_id order by org_id limit 1)
        from orgs where orgs.org_id is not null
    )
    select due.* from orgs cross join lateral (
      select id, org_id, plan_hash, hostable, host_workflow_id, octet_length(trigger_sealed) as bytes
      from ${runs} where org_id = orgs.org_id and ${isDue} order by id
      limit (select greatest(${leastOfOrg}::integer, ${window}::integer / greatest(1, count(org_id))) from orgs)
      for update skip locked
    ) as due
    where orgs.org_id is not null`);
  return inTurns(
    found.map((row) => ({
      id: row.id,
      orgId: row.org_id,
      planHash: row.plan_hash,
      hostable: row.hostable,
      hostWorkflowId: row.host_workflow_id,
      bytes: row.bytes,
    })),
  );
};

/** The oldest of each org, then the second oldest, and so on. */
const inTurns = (due: readonly Due[]): Due[] => {
  const ofOrg = [...Map.groupBy(due, ({ orgId }) => orgId).values()];
  return ofOrg
    .flatMap((ofOne) => ofOne.map((run, turn) => ({ run, turn })))
    .toSorted((left, right) => left.turn - right.turn || (left.run.id < right.run.id ? -1 : 1))
    .map(({ run }) => run);
};

const take = async (tx: Transaction, which: ReturnType<typeof and>, hostWorkflowId?: string): Promise<ClaimedRun[]> => {
  const taken = await tx
    .update(runs)
    .set({
      startAttempts: sql`${runs.startAttempts} + 1`,
      nextStartAt: sql`now() + make_interval(secs => ${claimSeconds})`,
      ...(hostWorkflowId === undefined ? {} : { hostWorkflowId }),
    })
    .where(which)
    .returning();
  return taken.toSorted((left, right) => (left.id < right.id ? -1 : 1));
};

/** Several due runs of one plan that allows it share a host; a single one is faster by itself. */
const groupRuns = async (
  tx: Transaction,
  plans: PlanCache,
  due: readonly Due[],
): Promise<{
  readonly single: string[];
  readonly hosts: { readonly workflowId: string; readonly ids: string[] }[];
}> => {
  const mayShare = (run: Due) => run.hostable && run.bytes <= hostLimits.trigger;
  const free = due.filter(({ hostWorkflowId }) => hostWorkflowId === null);
  const single = free.filter((run) => !mayShare(run)).map(({ id }) => id);
  const groups = Map.groupBy(free.filter(mayShare), ({ orgId, planHash }) => `${orgId} ${planHash}`);
  const hosts = [];
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    const plan = await plans.find(tx, first.orgId, first.planHash);
    const steps = Object.keys(plan.steps).length;
    const most = Math.min(hostLimits.runs, Math.floor(hostLimits.steps / steps));
    for (const part of pack(group, ({ bytes }) => bytes, { items: most, bytes: hostLimits.triggers })) {
      const ids = part.map(({ id }) => id);
      const [only] = ids;
      if (only && ids.length === 1) single.push(only);
      else hosts.push({ workflowId: hostWorkflowIdOf(first.orgId, randomUUIDv7().replaceAll('-', '')), ids });
    }
  }
  const turns = new Map(due.map(({ id }, turn) => [id, turn]));
  return { single: single.toSorted((left, right) => (turns.get(left) ?? 0) - (turns.get(right) ?? 0)), hosts };
};
