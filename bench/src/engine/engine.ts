import { findConnections } from '../stage/run-rows.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import type { Report } from '../report.ts';
import { median, percentile, rounded } from '../statistics.ts';
import { type Chain, measureChain } from './history-cost.ts';
import { measureKernel } from './kernel-cost.ts';
import { hostLane, hostsAtOnce } from './host-lane.ts';
import { byHandLane, flowLane, type Lane, orderFlow } from './lanes.ts';
import { measureIdle, measureThroughput, type Throughput } from './measure.ts';

export interface EngineOptions {
  readonly rounds: number;
  /** Small counts: whether the bench works, not how fast the engine is. */
  readonly quick: boolean;
}

interface Counts {
  readonly warmUp: number;
  readonly idleRuns: number;
  readonly saturatedRuns: number;
  readonly hostedRuns: number;
  readonly atOnce: number;
  readonly kernelRuns: number;
}

const fullCounts: Counts = {
  warmUp: 40,
  idleRuns: 20,
  saturatedRuns: 200,
  hostedRuns: 1000,
  atOnce: 24,
  kernelRuns: 20,
};
const quickCounts: Counts = { warmUp: 6, idleRuns: 3, saturatedRuns: 16, hostedRuns: 100, atOnce: 8, kernelRuns: 5 };

const chainLengths = [5, 40] as const;
const kernelSteps = 100;

/** Our lane against the one written by hand, as `engine.md` compares them. */
export interface LaneFigures {
  /** Start to finish of one run alone: ours divided by the hand-written one's. */
  readonly idleRatio: number;
  /** Runs per second: ours divided by the hand-written one's. */
  readonly throughputRatio: number;
  readonly runsPerSecond: number;
  readonly idleP50Ms: number;
}

export interface EngineFigures {
  readonly durable: LaneFigures;
  readonly express: LaneFigures;
  readonly host: { readonly runsPerSecond: number; readonly timesExpress: number };
  readonly eventsPerStep: number;
  readonly kernelMsPerStep: number;
  readonly maxGapMs: number;
}

interface Round {
  /** Median of the round, in milliseconds. */
  readonly idle: number;
  readonly idleP95: number;
  readonly throughput: Throughput;
}

type Rounds = Map<Lane, Round[]>;

export const benchEngine = async ({ rounds, quick }: EngineOptions, report: Report): Promise<EngineFigures> => {
  const counts = quick ? quickCounts : fullCounts;
  const stage = await openStage({ processes: ['worker', 'byHand'], progress: report.progress });
  try {
    const connections = await findConnections(stage);
    const ours = (lane: 'durable' | 'express') => flowLane(stage, orderFlow(connections, lane, `drawn, ${lane}`));
    const pairs = {
      durable: [ours('durable'), byHandLane(stage, connections, 'orderByHand')],
      express: [ours('express'), byHandLane(stage, connections, 'orderByHandExpress')],
    } as const;
    const host = hostLane(stage, orderFlow(connections, 'express', 'drawn, in hosts'));
    const lanes = Object.values(pairs).flat();
    const measured: Rounds = new Map(lanes.map((lane) => [lane, []]));
    const hosted: Throughput[] = [];
    const chains: Chain[][] = [];

    report.progress('Warming up');
    for (const lane of lanes) await measureThroughput(stage, lane, { runs: counts.warmUp, atOnce: counts.atOnce });
    await measureThroughput(stage, host, { runs: counts.warmUp, atOnce: hostsAtOnce });
    for (let round = 1; round <= rounds; round += 1) {
      report.progress(`Round ${round} of ${rounds}`);
      await measureRound(stage, { lanes: round % 2 === 0 ? lanes.toReversed() : lanes, counts, measured });
      hosted.push(await measureThroughput(stage, host, { runs: counts.hostedRuns, atOnce: hostsAtOnce }));
      chains.push([await measureChain(stage, chainLengths[0]), await measureChain(stage, chainLengths[1])]);
    }
    report.progress('Measuring the kernel alone');
    const kernelMsPerStep = await measureKernel(kernelSteps, counts.kernelRuns);

    printLanes(report, measured);
    printCpu(report, measured);
    printHosted(report, hosted, host.ejected());
    const { eventsPerStep, eventsPerRun, maxGap } = foldChains(chains);
    report.table('What a durable run costs', [
      { what: 'events per step', value: rounded(eventsPerStep), goal: '≤ 6' },
      { what: 'events per run beside its steps', value: rounded(eventsPerRun), goal: '≤ 8' },
      { what: `kernel CPU, ms per step of ${kernelSteps}`, value: rounded(kernelMsPerStep), goal: '≤ 1' },
      { what: `longest gap in a chain of ${chainLengths[1]}, ms`, value: rounded(maxGap), goal: '≤ 150' },
      {
        what: `that chain from first to last event, ms`,
        value: rounded(median(chains.map(([, long]) => long?.duration ?? 0))),
        goal: '',
      },
    ]);
    const figures: EngineFigures = {
      durable: compare(measured, pairs.durable),
      express: compare(measured, pairs.express),
      host: compareHost(hosted, measured.get(pairs.express[0]) ?? []),
      eventsPerStep: rounded(eventsPerStep),
      kernelMsPerStep: rounded(kernelMsPerStep),
      maxGapMs: rounded(maxGap),
    };
    return figures;
  } finally {
    await stage.close();
  }
};

interface RoundOptions {
  readonly lanes: readonly Lane[];
  readonly counts: Counts;
  readonly measured: Rounds;
}

const measureRound = async (stage: Stage, { lanes, counts, measured }: RoundOptions): Promise<void> => {
  const idle = new Map<Lane, number[]>();
  for (const lane of lanes) idle.set(lane, await measureIdle(lane, counts.idleRuns));
  for (const lane of lanes) {
    const times = idle.get(lane) ?? [];
    measured.get(lane)?.push({
      idle: median(times),
      idleP95: percentile(times, 0.95),
      throughput: await measureThroughput(stage, lane, { runs: counts.saturatedRuns, atOnce: counts.atOnce }),
    });
  }
};

/** Ratios within a round, where both lanes met the same machine; of the rounds the median. */
const compare = (measured: Rounds, [ours, byHand]: readonly [Lane, Lane]): LaneFigures => {
  const our = measured.get(ours) ?? [];
  const their = measured.get(byHand) ?? [];
  const ratio = (pick: (round: Round) => number) =>
    rounded(median(our.map((round, index) => pick(round) / (their[index] ? pick(their[index]) : Number.NaN))));
  return {
    idleRatio: ratio(({ idle }) => idle),
    throughputRatio: ratio(({ throughput }) => throughput.runsPerSecond),
    runsPerSecond: rounded(median(our.map(({ throughput }) => throughput.runsPerSecond))),
    idleP50Ms: rounded(median(our.map(({ idle }) => idle))),
  };
};

const compareHost = (hosted: readonly Throughput[], express: readonly Round[]): EngineFigures['host'] => ({
  runsPerSecond: rounded(median(hosted.map(({ runsPerSecond }) => runsPerSecond))),
  timesExpress: rounded(
    median(
      hosted.map(
        ({ runsPerSecond }, index) => runsPerSecond / (express[index]?.throughput.runsPerSecond ?? Number.NaN),
      ),
    ),
  ),
});

const printHosted = (report: Report, hosted: readonly Throughput[], ejected: number): void => {
  const rates = hosted.map(({ runsPerSecond }) => runsPerSecond);
  const cpu = Object.keys(hosted[0]?.cpuPerRun ?? {}).map((name): [string, number] => [
    name,
    rounded(median(hosted.map(({ cpuPerRun }) => cpuPerRun[name] ?? 0))),
  ]);
  report.table('The same five actions, many runs in one workflow', [
    {
      'runs/s': rounded(median(rates)),
      'slowest round': rounded(Math.min(...rates)),
      'fastest round': rounded(Math.max(...rates)),
      'left their host': ejected,
      ...Object.fromEntries(cpu.map(([name, milliseconds]) => [`${name} ms`, milliseconds])),
    },
  ]);
};

const printLanes = (report: Report, measured: Rounds): void => {
  const of = (rounds: readonly Round[], pick: (round: Round) => number) => rounded(median(rounds.map(pick)));
  report.table(
    'Five actions (medians of the rounds)',
    [...measured].map(([{ title }, rounds]) => ({
      lane: title,
      'idle p50 ms': of(rounds, ({ idle }) => idle),
      'idle p95 ms': of(rounds, ({ idleP95 }) => idleP95),
      'runs/s': of(rounds, ({ throughput }) => throughput.runsPerSecond),
      'slowest round': rounded(Math.min(...rounds.map(({ throughput }) => throughput.runsPerSecond))),
      'fastest round': rounded(Math.max(...rounds.map(({ throughput }) => throughput.runsPerSecond))),
    })),
  );
};

const printCpu = (report: Report, measured: Rounds): void => {
  report.table(
    'CPU per run while saturated, in ms by process (medians of the rounds)',
    [...measured].map(([{ title }, rounds]) => {
      const names = Object.keys(rounds[0]?.throughput.cpuPerRun ?? {});
      const cells = names.map((name) => [
        name,
        rounded(median(rounds.map(({ throughput }) => throughput.cpuPerRun[name] ?? 0))),
      ]);
      return { lane: title, ...(Object.fromEntries(cells) as Record<string, number>) };
    }),
  );
};

const foldChains = (chains: readonly (readonly Chain[])[]) => {
  const eventsOf = (index: number) => median(chains.map((pair) => pair[index]?.events ?? Number.NaN));
  const eventsPerStep = (eventsOf(1) - eventsOf(0)) / (chainLengths[1] - chainLengths[0]);
  return {
    eventsPerStep,
    eventsPerRun: eventsOf(0) - eventsPerStep * chainLengths[0],
    maxGap: Math.max(...chains.map(([, long]) => long?.maxGap ?? 0)),
  };
};
