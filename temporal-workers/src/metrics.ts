import type { MeterReading } from '@everwave/activities/worker';
import type { PoolUse } from '@everwave/schema/db';
import { boundedLabel } from '@everwave/schema/observe';
import { isClosed } from '@everwave/schema/run';
import { registerPoolMetrics, registerProcessMetrics } from '@everwave/temporal/process-metrics';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptEnding, Entry } from './projection/entry.ts';

export interface WorkerMetrics {
  readonly registry: Registry;
  /** Counts what the projection hears of runs and steps. */
  readonly count: (entry: Entry) => void;
  /** Counts an attempt of an activity that has ended. */
  readonly attempt: (activity: string, status: AttemptEnding, milliseconds: number) => void;
  /** Counts what steps have used: tokens, dollars, bytes. */
  readonly meter: (readings: readonly MeterReading[]) => void;
}

export interface MetricsSources {
  readonly version: string;
  /** How many entries are not written to the projection yet. */
  readonly queued: () => number;
  readonly poolUse: () => PoolUse;
}

/** Flows with a series of their own; the rest count together as `other`. */
const flowsApart = 200;

/** One registry per worker. Labels hold names from a bounded vocabulary and flow ids, never run ids or values. */
export const createMetrics = ({ version, queued, poolUse }: MetricsSources): WorkerMetrics => {
  const registry = new Registry();
  const registers = [registry];
  registerProcessMetrics(registry, version);
  registerPoolMetrics(registry, poolUse);
  new Gauge({
    name: 'everwave_projection_queue',
    help: 'Entries that wait to be written to the projection.',
    registers,
    collect() {
      this.set(queued());
    },
  });
  const attempts = new Counter({
    name: 'everwave_attempts_total',
    help: 'Attempts of activities that have ended, by how they ended.',
    labelNames: ['activity', 'status'],
    registers,
  });
  const attemptDuration = new Histogram({
    name: 'everwave_attempt_duration_seconds',
    help: 'How long an attempt of an activity took.',
    labelNames: ['activity'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
    registers,
  });
  const steps = new Counter({
    name: 'everwave_step_transitions_total',
    help: 'Changes of the state of steps, by the new state.',
    labelNames: ['status'],
    registers,
  });
  const runs = new Counter({
    name: 'everwave_run_transitions_total',
    help: `Changes of the state of runs, by the new state and the flow; flows beyond the first ${flowsApart} are "other".`,
    labelNames: ['status', 'flow'],
    registers,
  });
  const runDuration = new Histogram({
    name: 'everwave_run_duration_seconds',
    help: 'Time from the start of a run to its end, waiting for timers and people included.',
    labelNames: ['status'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 21_600, 86_400],
    registers,
  });
  const cost = new Counter({
    name: 'everwave_cost_usd_total',
    help: 'What steps have cost, in US dollars, estimated from the price list.',
    labelNames: ['activity'],
    registers,
  });
  const usage = new Counter({
    name: 'everwave_usage_total',
    help: 'What steps have used, such as tokens.',
    labelNames: ['activity', 'meter', 'unit'],
    registers,
  });
  const flowLabel = boundedLabel(flowsApart);
  return {
    registry,
    count: (entry) => {
      if (entry.kind === 'step') steps.inc({ status: entry.transition.status });
      if (entry.kind !== 'run') return;
      const { status, at } = entry.transition;
      runs.inc({ status, flow: flowLabel(entry.run.flowId) });
      if (isClosed(status) && entry.startedAt !== undefined) {
        runDuration.observe({ status }, Math.max(0, at - entry.startedAt) / 1_000);
      }
    },
    attempt: (activity, status, milliseconds) => {
      attempts.inc({ activity, status });
      attemptDuration.observe({ activity }, milliseconds / 1_000);
    },
    meter: (readings) => {
      for (const { activity, meter, unit, amount } of readings) {
        if (!(amount > 0)) continue;
        if (unit.toLowerCase() === 'usd') cost.inc({ activity }, amount);
        else usage.inc({ activity, meter, unit }, amount);
      }
    },
  };
};
