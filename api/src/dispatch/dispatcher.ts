import { toLoggable } from '../database-errors.ts';
import { claimRuns } from './claim-runs.ts';
import { createPlanCache } from './plan-cache.ts';
import { releaseHeldDeliveries } from './release-held-deliveries.ts';
import { settleDeliveries } from './settle-deliveries.ts';
import { startClaimedHost } from './start-claimed-host.ts';
import { type DispatchTools, startClaimedRun } from './start-claimed-run.ts';

/** Brings queued runs to Temporal, in every API process at once. */
export interface Dispatcher {
  start(): void;
  /** Asks for a round at once instead of at the next tick. Never throws and does not wait. */
  kick(): void;
  /** One round: held deliveries whose flow is on, then due runs. Returns how many it touched. */
  round(): Promise<number>;
  /** Resolves when the round in progress has ended. */
  stop(): Promise<void>;
}

export interface DispatcherOptions {
  /** Milliseconds between rounds when nothing asks for one. */
  readonly interval?: number;
  /** Runs claimed, and started at once by themselves, per round. */
  readonly batch?: number;
}

export const createDispatcher = (
  tools: DispatchTools,
  { interval = 1_000, batch = 16 }: DispatcherOptions = {},
): Dispatcher => {
  const plans = createPlanCache();
  let running = false;
  let asked = false;
  let wake: (() => void) | null = null;
  let loop: Promise<void> = Promise.resolve();

  const round = async (): Promise<number> => {
    await settleDeliveries(tools.db);
    const released = await releaseHeldDeliveries(tools, batch);
    const { runs, hosts } = await claimRuns(tools.db, plans, batch);
    await Promise.all([
      ...runs.map((run) => startClaimedRun(tools, plans, run)),
      ...hosts.map((host) => startClaimedHost(tools, plans, host)),
    ]);
    return released + runs.length + hosts.length;
  };

  const pause = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, interval);
    wake = resolve;
    return promise.finally(() => {
      clearTimeout(timer);
      wake = null;
    });
  };

  const roundOrLog = async (): Promise<number> => {
    try {
      return await round();
    } catch (error) {
      tools.log.warn('dispatch round failed, will be tried again', { error: toLoggable(error) });
      return 0;
    }
  };

  const run = async (): Promise<void> => {
    while (running) {
      asked = false;
      const touched = await roundOrLog();
      // More may be due after a round that found something, or that was asked for meanwhile.
      if (running && touched === 0 && !asked) await pause();
    }
  };

  return {
    start: () => {
      if (running) return;
      running = true;
      loop = run();
    },
    kick: () => {
      asked = true;
      wake?.();
    },
    round,
    stop: async () => {
      running = false;
      wake?.();
      await loop;
    },
  };
};
