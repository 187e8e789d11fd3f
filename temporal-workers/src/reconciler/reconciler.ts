import { createRounds } from '@everwave/temporal/rounds';
import { defaultBlobGrace, removeUnusedBlobs } from './remove-unused-blobs.ts';
import { findCandidates, type ReconcileOptions, reconcileRun, reconcileSettings } from './reconcile.ts';

export interface Reconciler {
  /** Resolves when the run that is being compared has been. */
  stop(): Promise<void>;
}

/** Any number that no other program uses on this database: one process reconciles at a time. */
const reconcilerLock = 0x4556_5243;
const pause = 5_000;
/** Milliseconds after which a run whose history could not be folded is tried again. */
const afterFailure = 600_000;
/** Milliseconds between two looks for values that no run has any more. */
const betweenSweeps = 600_000;
const sweptAtOnce = 100;

/**
 * Runs that one round compares, where this thread was busy for that share of the time since the last one: hardly any
 * comparison finds something, and each takes what executing a run takes in part. It never stops.
 */
export const runsPerRound = (busyShare: number): number =>
  busyShare > 0.5 ? Math.ceil(reconcileSettings.limit / 5) : reconcileSettings.limit;

export interface ReconcilerOptions extends ReconcileOptions {
  /** Milliseconds beyond their last use that values are kept which no run has any more. */
  readonly blobGrace?: number;
}

/** Compares projection and history, and removes what no run has any more, for as long as the worker lives. */
export const startReconciler = (options: ReconcilerOptions): Reconciler => {
  const { db, logger, blobGrace = defaultBlobGrace } = options;
  let sweptAt = 0;
  const notBefore = new Map<string, number>();
  let stopped = false;
  let use = performance.eventLoopUtilization();

  const busyShare = (): number => {
    const before = use;
    use = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(use, before).utilization;
  };

  const reconcileSome = async (): Promise<void> => {
    for (const [runId, moment] of notBefore) if (moment <= Date.now()) notBefore.delete(runId);
    const settings = { ...reconcileSettings, limit: runsPerRound(busyShare()) };
    const candidates = await findCandidates(db, settings, Date.now(), [...notBefore.keys()]);
    for (const run of candidates) {
      if (stopped) return;
      try {
        const result = await reconcileRun(options, run);
        logger.debug('run reconciled', { runId: run.id, result });
      } catch (error) {
        notBefore.set(run.id, Date.now() + afterFailure);
        logger.error('run not reconciled', { runId: run.id, error });
      }
    }
  };

  const sweep = async (): Promise<void> => {
    if (stopped || Date.now() - sweptAt < betweenSweeps) return;
    const removed = await removeUnusedBlobs(db, { grace: blobGrace, limit: sweptAtOnce });
    if (removed > 0) logger.info('unused values removed', { removed });
    if (removed < sweptAtOnce) sweptAt = Date.now();
  };

  const round = async (): Promise<number> => {
    await withLock(options, async () => {
      await reconcileSome();
      await sweep();
    });
    return 0;
  };
  const rounds = createRounds({ round, interval: pause, name: 'reconciler', logger });
  rounds.start();

  return {
    stop: () => {
      stopped = true;
      return rounds.stop();
    },
  };
};

/** Does nothing when another process holds the lock. The lock belongs to one connection and goes with it. */
const withLock = async ({ db }: ReconcileOptions, work: () => Promise<void>): Promise<void> => {
  const connection = await db.$client.reserve();
  try {
    const [row] = await connection`select pg_try_advisory_lock(${reconcilerLock}) as locked`;
    if (!row?.['locked']) return;
    try {
      await work();
    } finally {
      await connection`select pg_advisory_unlock(${reconcilerLock})`;
    }
  } finally {
    connection.release();
  }
};
