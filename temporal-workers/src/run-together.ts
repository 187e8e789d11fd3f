/** The part of a Temporal worker that its life consists of. */
export interface Runnable {
  run(): Promise<void>;
  shutdown(): void;
  getState(): string;
}

/** Several workers with one life: when one ends, for whatever reason, the others are shut down too. */
export const runTogether = async (workers: readonly Runnable[]): Promise<void> => {
  const ends = await Promise.allSettled(workers.map((worker) => worker.run().finally(() => shutDownAll(workers))));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
};

export const shutDownAll = (workers: readonly Runnable[]): void => {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
};

/** `RUNNING` when all are; else the state of one that is not. */
export const stateOf = (workers: readonly Runnable[]): string =>
  workers.map((worker) => worker.getState()).find((state) => state !== 'RUNNING') ?? 'RUNNING';
