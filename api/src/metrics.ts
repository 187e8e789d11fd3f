import type { PoolUse } from '@everwave/schema/db';
import { registerPoolMetrics, registerProcessMetrics } from '@everwave/temporal/process-metrics';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly refusals: Counter<'route'>;
  readonly deliveries: Counter<'outcome'>;
  readonly dispatched: Counter<'outcome'>;
  readonly startDelay: Histogram;
  readonly runs: Gauge<'status'>;
  readonly inboxLag: Gauge;
  readonly inboxPending: Gauge<'status'>;
  readonly runsWithoutPlace: Gauge;
  readonly deadLetters: Gauge;
  readonly dependencies: Gauge<'dependency'>;
  readonly backlog: Gauge<'queue' | 'kind'>;
  readonly backlogAge: Gauge<'queue' | 'kind'>;
  readonly pollers: Gauge<'queue' | 'kind'>;
}

export interface MetricsSources {
  readonly version: string;
  readonly poolUse: () => PoolUse;
}

/** One registry per app, so that tests do not share counters. Labels hold route patterns, never paths or ids. */
export const createMetrics = ({ version, poolUse }: MetricsSources): Metrics => {
  const registry = new Registry();
  registerProcessMetrics(registry, version);
  registerPoolMetrics(registry, poolUse);
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'everwave_http_request_duration_seconds',
      help: 'Time from a request to its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5],
      registers,
    }),
    refusals: new Counter({
      name: 'everwave_rate_limit_refusals_total',
      help: 'Requests that were answered 429.',
      labelNames: ['route'],
      registers,
    }),
    deliveries: new Counter({
      name: 'everwave_deliveries_total',
      help: 'Webhook deliveries by what became of them.',
      labelNames: ['outcome'],
      registers,
    }),
    dispatched: new Counter({
      name: 'everwave_run_starts_total',
      help: 'Attempts to start a run in Temporal.',
      labelNames: ['outcome'],
      registers,
    }),
    startDelay: new Histogram({
      name: 'everwave_run_start_delay_seconds',
      help: "Time from a run's row to its start in Temporal.",
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
      registers,
    }),
    runs: new Gauge({ name: 'everwave_runs', help: 'Open runs by status.', labelNames: ['status'], registers }),
    inboxLag: new Gauge({
      name: 'everwave_inbox_lag_seconds',
      help: 'Age of the oldest run that Temporal has not confirmed yet.',
      registers,
    }),
    inboxPending: new Gauge({
      name: 'everwave_inbox_deliveries',
      help: 'Deliveries that are held, collecting or pending.',
      labelNames: ['status'],
      registers,
    }),
    runsWithoutPlace: new Gauge({
      name: 'everwave_runs_without_place',
      help: 'Queued runs that wait until a limit allows them.',
      registers,
    }),
    deadLetters: new Gauge({
      name: 'everwave_dead_letters_open',
      help: 'Steps that wait for a person.',
      registers,
    }),
    dependencies: new Gauge({
      name: 'everwave_dependency_up',
      help: '1 when the dependency answered this process, 0 when it did not.',
      labelNames: ['dependency'],
      registers,
    }),
    backlog: new Gauge({
      name: 'everwave_task_queue_backlog',
      help: 'Tasks that wait for a worker, as Temporal counts them; about.',
      labelNames: ['queue', 'kind'],
      registers,
    }),
    backlogAge: new Gauge({
      name: 'everwave_task_queue_backlog_age_seconds',
      help: 'How long the oldest waiting task has waited.',
      labelNames: ['queue', 'kind'],
      registers,
    }),
    pollers: new Gauge({
      name: 'everwave_task_queue_pollers',
      help: 'Workers that Temporal has heard of on this queue in the last minutes.',
      labelNames: ['queue', 'kind'],
      registers,
    }),
  };
};
