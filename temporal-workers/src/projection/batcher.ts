import type { Logger } from '@everwave/temporal/logger';
import type { Entry } from './entry.ts';

export interface Batcher {
  /** Takes an entry and returns at once. Never throws: a run does not wait for its page. */
  add(entry: Entry): void;
  /** Resolves when everything added so far is written, or when `timeout` milliseconds have passed. */
  flush(timeout: number): Promise<void>;
  /** Entries that are not written yet. */
  size(): number;
}

export interface BatcherOptions {
  /** Writes entries, all or none. */
  readonly write: (entries: readonly Entry[]) => Promise<void>;
  readonly logger: Logger;
  /** Milliseconds an entry waits for others, at least; longer when writing takes long. */
  readonly interval?: number;
  /** Entries in one transaction. */
  readonly batchSize?: number;
  /** Entries kept while the database is away. Beyond it the oldest are dropped; the reconciler restores them from history. */
  readonly capacity?: number;
}

const longestPause = 5_000;
/**
 * An entry waits so many times as long as the last write took, up to `longestWait` milliseconds: the busier the machine,
 * the larger the batches, and the fewer the transactions for the same work.
 */
const waitPerWrite = 8;
const longestWait = 250;
/** Failures in a row after which a batch is taken apart, in case one run's entries can never be written. */
const patience = 5;

/** One per worker: gathers what happens to runs and writes it in few transactions. */
export const createBatcher = ({
  write,
  logger,
  interval = 50,
  batchSize = 500,
  capacity = 20_000,
}: BatcherOptions): Batcher => {
  const queue: Entry[] = [];
  const idle: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing = false;
  let dropped = 0;
  let wait = interval;
  let flushing = false;

  const pump = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    let failures = 0;
    while (queue.length > 0) {
      const batch = queue.splice(0, batchSize);
      const begun = performance.now();
      try {
        await write(batch);
        failures = 0;
        wait = Math.max(interval, Math.min(longestWait, waitPerWrite * (performance.now() - begun)));
        if (queue.length < batchSize && !flushing) break;
      } catch (error) {
        failures += 1;
        if (failures >= patience && (await writeApart(batch, write, logger))) {
          failures = 0;
          continue;
        }
        logger.warn('projection not written, trying again', { entries: queue.length + batch.length, failures, error });
        queue.unshift(...batch);
        await pause(Math.min(longestPause, 100 * 2 ** failures));
      }
    }
    writing = false;
    if (queue.length > 0) return schedule();
    for (const resolve of idle.splice(0)) resolve();
  };

  const schedule = (): void => {
    if (queue.length >= batchSize) void pump();
    timer ??= setTimeout(() => {
      timer = undefined;
      void pump();
    }, wait);
  };

  return {
    add: (entry) => {
      if (queue.length >= capacity) {
        queue.shift();
        dropped += 1;
        if (dropped % 1_000 === 1) logger.error('projection full, entries dropped', { dropped });
      }
      queue.push(entry);
      schedule();
    },
    flush: async (timeout) => {
      if (queue.length === 0 && !writing) return;
      const written = new Promise<void>((resolve) => idle.push(resolve));
      flushing = true;
      void pump();
      await Promise.race([written, pause(timeout)]);
      flushing = false;
      if (queue.length > 0) logger.warn('projection not fully written before shutdown', { entries: queue.length });
    },
    size: () => queue.length,
  };
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/**
 * Writes run by run. Returns false when not even one run could be written: then the database is away, and nobody's
 * entries are to blame. Runs that fail alone are left to the reconciler.
 */
const writeApart = async (
  batch: readonly Entry[],
  write: BatcherOptions['write'],
  logger: Logger,
): Promise<boolean> => {
  const byRun = new Map<string, Entry[]>();
  for (const entry of batch) byRun.set(entry.run.runId, [...(byRun.get(entry.run.runId) ?? []), entry]);
  const failed: { runId: string; error: unknown }[] = [];
  for (const [runId, entries] of byRun) {
    try {
      await write(entries);
    } catch (error) {
      failed.push({ runId, error });
    }
  }
  if (failed.length === byRun.size && byRun.size > 1) return false;
  for (const { runId, error } of failed) logger.error('projection of a run given up', { runId, error });
  return failed.length < byRun.size;
};
