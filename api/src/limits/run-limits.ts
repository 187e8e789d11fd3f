import { limitSubjects, type RunLimit, type WhenFull } from '@everwave/schema/run';

export interface FlowRunLimit extends RunLimit {
  readonly whenFull: WhenFull;
}

/** What limits the runs of one org. */
export interface RunLimits {
  readonly org: RunLimit | null;
  /** A flow's own limit, or else the one that holds for each; null when it has none. */
  of(flowId: string): FlowRunLimit | null;
  /** Lengths of all windows that something is counted in, in seconds. */
  readonly windows: readonly number[];
}

/** A row of `limits`. */
export interface LimitRow {
  readonly subject: string;
  readonly atOnce: number | null;
  readonly rateCount: number | null;
  readonly rateSeconds: number | null;
  readonly whenFull: WhenFull | null;
}

export const toRunLimits = (rows: readonly LimitRow[]): RunLimits => {
  const bySubject = new Map(rows.map((row) => [row.subject, { ...toRunLimit(row), whenFull: row.whenFull ?? 'wait' }]));
  const eachFlow = bySubject.get(limitSubjects.eachFlow) ?? null;
  return {
    org: bySubject.get(limitSubjects.org) ?? null,
    of: (flowId) => bySubject.get(limitSubjects.flow(flowId)) ?? eachFlow,
    windows: [...new Set(rows.flatMap(({ rateSeconds }) => rateSeconds ?? []))],
  };
};

export const toRunLimit = ({ atOnce, rateCount, rateSeconds }: Omit<LimitRow, 'subject' | 'whenFull'>): RunLimit => ({
  atOnce,
  rate: rateCount === null || rateSeconds === null ? null : { count: rateCount, seconds: rateSeconds },
});

/** How many runs an org has under way, and how many have begun of late. Counted from the runs themselves. */
export interface RunUsage {
  readonly running: ReadonlyMap<string, number>;
  /** By length of the window in seconds, then by flow. */
  readonly begun: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

/** Runs of the org, or of one flow, that are under way. */
export const runningIn = ({ running }: Pick<RunUsage, 'running'>, flowId?: string): number =>
  flowId === undefined ? sum(running) : (running.get(flowId) ?? 0);

const sum = (counts: ReadonlyMap<string, number> | undefined): number =>
  [...(counts?.values() ?? [])].reduce((total, count) => total + count, 0);

const freeOf = ({ atOnce, rate }: RunLimit, running: number, begun: number): number =>
  Math.max(
    0,
    Math.min(
      atOnce === null ? Number.POSITIVE_INFINITY : atOnce - running,
      rate === null ? Number.POSITIVE_INFINITY : rate.count - begun,
    ),
  );

/** Places that the org's own limit leaves. */
export const freeInOrg = ({ org }: RunLimits, usage: RunUsage): number =>
  org === null ? Number.POSITIVE_INFINITY : freeOf(org, runningIn(usage), sum(usage.begun.get(org.rate?.seconds ?? 0)));

/** Places that a flow's limit leaves, whatever the org's says. */
export const freeInFlow = (limits: RunLimits, usage: RunUsage, flowId: string): number => {
  const limit = limits.of(flowId);
  if (limit === null) return Number.POSITIVE_INFINITY;
  return freeOf(limit, runningIn(usage, flowId), usage.begun.get(limit.rate?.seconds ?? 0)?.get(flowId) ?? 0);
};

/**
 * Which waiting runs get a place now. Flows take turns, the one with the fewest runs under way first, so that one flow's
 * flood keeps no other from the org's places; within a flow the oldest goes first.
 */
export const choosePlaces = (
  limits: RunLimits,
  usage: RunUsage,
  waiting: ReadonlyMap<string, readonly string[]>,
): string[] => {
  const flows = [...waiting]
    .map(([flowId, ids]) => ({ ids, free: freeInFlow(limits, usage, flowId), running: runningIn(usage, flowId) }))
    .toSorted((left, right) => left.running - right.running || (left.ids[0] ?? '').localeCompare(right.ids[0] ?? ''));
  const placed: string[] = [];
  let free = freeInOrg(limits, usage);
  for (let turn = 0; flows.some(({ ids }) => turn < ids.length); turn += 1) {
    for (const flow of flows) {
      const id = flow.ids[turn];
      if (id === undefined || flow.free <= turn || free <= 0) continue;
      placed.push(id);
      free -= 1;
    }
  }
  return placed;
};
