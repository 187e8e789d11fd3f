import type { Stage } from '../stage/stage.ts';
import { usageOf } from '../process-usage.ts';
import type { Lane } from './lanes.ts';

/** Milliseconds from start to finish of each run, one after the other, with a pause between in which nothing happens. */
export const measureIdle = async (lane: Lane, runs: number): Promise<number[]> => {
  const times: number[] = [];
  for (const run of await lane.prepare(runs)) {
    const begun = performance.now();
    await run.execute();
    times.push(performance.now() - begun);
  }
  await lane.settle();
  return times;
};

export interface Throughput {
  readonly runsPerSecond: number;
  /** Milliseconds of CPU per run, by process. */
  readonly cpuPerRun: Readonly<Record<string, number>>;
}

/** Keeps `atOnce` runs going until all are done and on record. */
export const measureThroughput = async (
  stage: Stage,
  lane: Lane,
  { runs, atOnce }: { readonly runs: number; readonly atOnce: number },
): Promise<Throughput> => {
  const waiting = [...(await lane.prepare(runs))];
  const cpuBefore = cpuByProcess(stage);
  const begun = performance.now();
  const lanes = Array.from({ length: atOnce }, async () => {
    for (let run = waiting.pop(); run; run = waiting.pop()) await run.execute();
  });
  // All of them, so that none still asks a server that is about to be stopped.
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
  await lane.settle();
  const seconds = (performance.now() - begun) / 1000;
  const cpuPerRun = Object.fromEntries(
    Object.entries(cpuByProcess(stage)).map(([name, after]) => [
      name,
      ((after - (cpuBefore[name] ?? 0)) * 1000) / runs,
    ]),
  );
  return { runsPerSecond: runs / seconds, cpuPerRun };
};

/** Seconds of CPU so far; `bench` is this process, which starts the runs and waits for them. */
export const cpuByProcess = (stage: Stage): Record<string, number> => {
  const { user, system } = process.cpuUsage();
  return {
    ...Object.fromEntries(Object.entries(stage.pids()).map(([name, pid]) => [name, usageOf(pid).cpuSeconds])),
    bench: (user + system) / 1_000_000,
  };
};
