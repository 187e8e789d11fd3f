import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Entry } from './projection/entry.ts';

export interface WorkerMetrics {
  readonly registry: Registry;
  /** Counts what the projection hears of: attempts and transitions by their outcome. */
  count(entry: Entry): void;
}

/** `queued` tells how many entries are not written yet. */
export const createMetrics = (queued: () => number): WorkerMetrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const attempts = new Counter({
    name: 'everwave_attempts_total',
    help: 'Attempts of activities that have ended, by how they ended.',
    labelNames: ['status'],
    registers: [registry],
  });
  const runs = new Counter({
    name: 'everwave_run_transitions_total',
    help: 'Changes of the state of runs, by the new state.',
    labelNames: ['status'],
    registers: [registry],
  });
  new Gauge({
    name: 'everwave_projection_queue',
    help: 'Entries that wait to be written to the projection.',
    registers: [registry],
    collect() {
      this.set(queued());
    },
  });
  return {
    registry,
    count: (entry) => {
      if (entry.kind === 'attemptEnded') attempts.inc({ status: entry.status });
      if (entry.kind === 'run') runs.inc({ status: entry.transition.status });
    },
  };
};
