import type { Insights, Run } from '@everwave/schema/api';
import { type RunStatus, runStatuses } from '@everwave/schema/run';

const day = 86_400_000;
const hour = 3_600_000;

const takenBy = ({
  startedAt,
  finishedAt,
}: {
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}) => (startedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt));

const percentile = (values: readonly number[], share: number): number | null => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
};

const shareOf = (part: number, rest: number): number | null => (part + rest === 0 ? null : part / (part + rest));

const statisticsOf = (runs: readonly Run[]): Insights['total'] => {
  const of = (status: RunStatus) => runs.filter((run) => run.status === status).length;
  const took = runs.map(takenBy).filter((milliseconds) => milliseconds !== null);
  return {
    runs: runs.length,
    byStatus: Object.fromEntries(runStatuses.map((status) => [status, of(status)])) as Record<RunStatus, number>,
    successRate: shareOf(of('succeeded'), of('failed')),
    p50Ms: percentile(took, 0.5),
    p95Ms: percentile(took, 0.95),
    usd: runs.reduce((sum, run) => sum + (run.costUsd ?? 0), 0),
  };
};

const grouped = (runs: readonly Run[]): Run[][] => [...Map.groupBy(runs, ({ flowId }) => flowId).values()];

const nodesOf = (runs: readonly Run[]): Insights['nodes'] => {
  const steps = runs.flatMap((run) => run.steps.map((step) => ({ run, step })));
  const begun = steps.filter(({ step }) => !['pending', 'skipped'].includes(step.status));
  return [...Map.groupBy(begun, ({ run, step }) => `${run.flowId} ${step.stepId}`).values()].flatMap((found) => {
    const [first] = found;
    if (!first) return [];
    const failed = found.filter(({ step }) => ['failed', 'needs_attention'].includes(step.status)).length;
    const took = found.map(({ step }) => takenBy(step)).filter((milliseconds) => milliseconds !== null);
    return {
      flowId: first.run.flowId,
      flowName: first.run.flowName,
      stepId: first.step.stepId,
      title: first.step.title,
      activity: null,
      steps: found.length,
      failed,
      errorRate: shareOf(failed, found.filter(({ step }) => step.status === 'succeeded').length),
      failedAttempts: found.reduce((sum, { step }) => sum + Math.max(0, step.attempts - 1), 0),
      p50Ms: percentile(took, 0.5),
      p95Ms: percentile(took, 0.95),
      usd: found.reduce((sum, { step }) => sum + (step.costUsd ?? 0), 0),
    };
  });
};

/** What the api would tell about these runs, in the same shape; simpler, for a few runs in memory. */
export const insightsOf = (all: readonly Run[], days: number, flowId: string | undefined, now: number): Insights => {
  const from = Math.floor(now / day) * day - (days - 1) * day;
  const width = days <= 2 ? hour : day;
  const runs = all.filter(
    (run) => Date.parse(run.createdAt) >= from && (flowId === undefined || run.flowId === flowId),
  );
  const buckets = Array.from({ length: Math.floor((now - from) / width) + 1 }, (_, index) => from + index * width);
  const within = (at: number) => runs.filter(({ createdAt }) => Math.floor((Date.parse(createdAt) - at) / width) === 0);
  return {
    from: new Date(from).toISOString(),
    to: new Date(now).toISOString(),
    bucket: width === hour ? 'hour' : 'day',
    total: statisticsOf(runs),
    series: buckets.map((at) => ({ at: new Date(at).toISOString(), ...statisticsOf(within(at)) })),
    flows: grouped(runs)
      .flatMap((group) => {
        const [first] = group;
        return first ? [{ flowId: first.flowId, flowName: first.flowName, ...statisticsOf(group) }] : [];
      })
      .toSorted((one, other) => other.runs - one.runs),
    nodes: nodesOf(runs).toSorted((one, other) => other.failed - one.failed),
  };
};
