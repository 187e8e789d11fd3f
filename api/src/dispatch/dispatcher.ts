import { createRounds, type Rounds } from '@everwave/temporal/rounds';
import { claimRuns } from './claim-runs.ts';
import { closeCollections } from './close-collections.ts';
import { createPlanCache } from './plan-cache.ts';
import { releaseHeldDeliveries } from './release-held-deliveries.ts';
import { settleDeliveries } from './settle-deliveries.ts';
import { startClaimedHost } from './start-claimed-host.ts';
import { type DispatchTools, startClaimedRun } from './start-claimed-run.ts';

export interface DispatcherOptions {
  /** Milliseconds between rounds when nothing asks for one. */
  readonly interval?: number;
  /** Runs claimed, and started at once by themselves, per round. */
  readonly batch?: number;
}

/** Brings queued runs to Temporal. A round: held deliveries whose flow is on, then collections whose time has come, then due runs. */
export const createDispatcher = (
  tools: DispatchTools,
  { interval = 1_000, batch = 16 }: DispatcherOptions = {},
): Rounds => {
  const plans = createPlanCache();

  const round = async (): Promise<number> => {
    await settleDeliveries(tools.db);
    const released = await releaseHeldDeliveries(tools, batch);
    const collected = await closeCollections(tools, batch);
    const { runs, hosts } = await claimRuns(tools.db, plans, batch);
    await Promise.all([
      ...runs.map((run) => startClaimedRun(tools, plans, run)),
      ...hosts.map((host) => startClaimedHost(tools, plans, host)),
    ]);
    return released + collected + runs.length + hosts.length;
  };

  return createRounds({ round, interval, name: 'dispatch', logger: tools.log });
};
