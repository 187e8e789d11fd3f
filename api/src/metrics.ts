import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly deliveries: Counter<'outcome'>;
  readonly dispatched: Counter<'outcome'>;
  readonly runs: Gauge<'status'>;
  readonly inboxLag: Gauge;
  readonly inboxPending: Gauge<'status'>;
}

/** One registry per app, so that tests do not share counters. Labels hold route patterns, never paths or ids. */
export const createMetrics = (): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'everwave_api_' });
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'everwave_http_request_duration_seconds',
      help: 'Time from a request to its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
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
    runs: new Gauge({ name: 'everwave_runs', help: 'Open runs by status.', labelNames: ['status'], registers }),
    inboxLag: new Gauge({
      name: 'everwave_inbox_lag_seconds',
      help: 'Age of the oldest run that Temporal has not confirmed yet.',
      registers,
    }),
    inboxPending: new Gauge({
      name: 'everwave_inbox_deliveries',
      help: 'Deliveries that are held or pending.',
      labelNames: ['status'],
      registers,
    }),
  };
};
