import { toLoggable } from '@everwave/schema/db';
import type { AppDependencies } from '../../context.ts';
import type { Metrics } from '../../metrics.ts';
import { withDeadline } from '../../with-deadline.ts';
import { lagOf, measureBacklog, openRunStatuses } from './measure-backlog.ts';

/** Milliseconds for each dependency: a scrape by Prometheus waits for ten seconds at most. */
const patience = 3_000;

type Tools = Pick<AppDependencies, 'db' | 'temporal' | 'metrics' | 'log'>;

/**
 * Reads what the gauges show from Postgres and Temporal. A dependency that does not answer is shown as down, and what it
 * would have told is left out: an old number would look like a fresh one.
 */
export const updateGauges = async (tools: Tools): Promise<void> => {
  await Promise.all([watch(tools, 'postgres', fromPostgres), watch(tools, 'temporal', fromTemporal)]);
};

type Dependency = 'postgres' | 'temporal';

const watch = async (tools: Tools, dependency: Dependency, read: (tools: Tools) => Promise<void>): Promise<void> => {
  const { metrics, log } = tools;
  try {
    await withDeadline(read(tools), patience);
    metrics.dependencies.set({ dependency }, 1);
  } catch (error) {
    metrics.dependencies.set({ dependency }, 0);
    log.warn('dependency not measured', { dependency, error: toLoggable(error) });
    forget[dependency](metrics);
  }
};

const forget: Readonly<Record<Dependency, (metrics: Metrics) => void>> = {
  postgres: (metrics) => {
    for (const gauge of [metrics.runs, metrics.inboxPending]) gauge.reset();
    for (const gauge of [metrics.inboxLag, metrics.deadLetters, metrics.runsWithoutPlace]) gauge.remove();
  },
  temporal: (metrics) => {
    for (const gauge of [metrics.backlog, metrics.backlogAge, metrics.pollers]) gauge.reset();
  },
};

const fromPostgres = async ({ db, metrics }: Tools): Promise<void> => {
  const backlog = await measureBacklog(db);
  for (const status of openRunStatuses) metrics.runs.set({ status }, backlog.runs[status] ?? 0);
  metrics.inboxPending.set({ status: 'held' }, backlog.held);
  metrics.inboxPending.set({ status: 'collecting' }, backlog.collecting);
  metrics.inboxPending.set({ status: 'pending' }, backlog.pending);
  metrics.runsWithoutPlace.set(backlog.withoutPlace);
  metrics.deadLetters.set(backlog.deadLetters);
  metrics.inboxLag.set(lagOf(backlog) / 1_000);
};

const fromTemporal = async ({ temporal, metrics }: Tools): Promise<void> => {
  for (const { queue, kind, backlog, oldestMs, pollers } of await temporal.taskQueues()) {
    metrics.backlog.set({ queue, kind }, backlog);
    metrics.backlogAge.set({ queue, kind }, oldestMs / 1_000);
    metrics.pollers.set({ queue, kind }, pollers.length);
  }
};
