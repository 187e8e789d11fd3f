import { setTimeout as sleep } from 'node:timers/promises';
import type { RunFlowInput } from '@everwave/schema/run';
import { startRun } from '@everwave/temporal/runs';
import { workflowIdOf } from '@everwave/schema/ids';
import { manually } from './engine/lanes.ts';
import { compileGraph, waitingGraph } from './flows.ts';
import { usageOf } from './process-usage.ts';
import type { Report } from './report.ts';
import { addRuns, countByStatus, countOpen } from './stage/run-rows.ts';
import { openStage, type Stage } from './stage/stage.ts';
import { rounded } from './statistics.ts';
import { waitUntil } from './wait-until.ts';

export interface WaitingOptions {
  readonly runs: number;
  readonly quick: boolean;
}

export interface WaitingFigures {
  readonly waitingRuns: number;
  /** What the worker holds with all of them waiting, beyond what it held before the first. */
  readonly workerGrowthMiB: number;
  readonly workerPeakMiB: number;
  readonly startsPerSecond: number;
  /** Of the sample that was ended at the end, how many ended. */
  readonly answered: number;
}

const startsAtOnce = 32;
/** Runs that are cancelled at the end, to see that they had only been waiting. */
const sampleSize = 20;

/** Starts so many runs that wait for a day, and looks at what the worker holds for them. */
export const benchWaiting = async ({ runs, quick }: WaitingOptions, report: Report): Promise<WaitingFigures> => {
  const stage = await openStage({ processes: ['worker'], progress: report.progress });
  try {
    const plan = compileGraph('flow_waiting', 'Waiting', waitingGraph('24h'));
    // A worker that has just started has not yet loaded what every run needs.
    await startAll(stage, await addRuns(stage, { plan, planHash: 'waiting', data: manually({}) }, startsAtOnce));
    const settleFor = quick ? 1_000 : 30_000;
    const before = await lowestMemory(stage, settleFor);

    report.progress(`Starting ${runs} runs`);
    const inputs = await addRuns(stage, { plan, planHash: 'waiting', data: manually({}) }, runs);
    const begun = performance.now();
    await startAll(stage, inputs);
    const startsPerSecond = rounded(runs / ((performance.now() - begun) / 1000));
    await waitUntil(
      'that all runs wait',
      async () => ((await countByStatus(stage, plan.flowId))['waiting'] ?? 0) >= runs + startsAtOnce,
      { within: 300_000, every: 500 },
    );
    report.progress('All wait. Looking at what the worker holds');
    const after = await lowestMemory(stage, settleFor);

    const step = Math.max(1, Math.floor(runs / sampleSize));
    const sample = inputs.filter((_, index) => index % step === 0).slice(0, sampleSize);
    await Promise.all(
      sample.map(({ orgId, runId }) => stage.temporal.ours.workflow.getHandle(workflowIdOf(orgId, runId)).cancel()),
    );
    const ids = sample.map(({ runId }) => runId);
    await waitUntil('the end of the cancelled ones', async () => (await countOpen(stage, ids)) === 0, {
      within: 60_000,
    });

    const figures: WaitingFigures = {
      waitingRuns: runs,
      workerGrowthMiB: rounded(after - before),
      workerPeakMiB: rounded(usageOf(stage.pids()['worker'] ?? 0).peakMiB),
      startsPerSecond,
      answered: sample.length - (await countOpen(stage, ids)),
    };
    report.table(`${runs} runs that wait`, [
      { what: 'worker before the first, MiB', value: rounded(before), goal: '' },
      { what: 'worker with all of them waiting, MiB', value: rounded(after), goal: '' },
      { what: 'growth, MiB', value: figures.workerGrowthMiB, goal: '≤ 150 for 10,000' },
      { what: 'most it ever had, MiB', value: figures.workerPeakMiB, goal: '≤ 2048' },
      { what: 'starts per second', value: startsPerSecond, goal: '' },
      { what: `ended when cancelled, of ${sample.length}`, value: figures.answered, goal: 'all' },
    ]);
    return figures;
  } finally {
    await stage.close();
  }
};

const startAll = async (stage: Stage, inputs: readonly RunFlowInput[]): Promise<void> => {
  const waiting = [...inputs];
  const starters = Array.from({ length: startsAtOnce }, async () => {
    for (let input = waiting.pop(); input; input = waiting.pop()) await startRun(stage.temporal.ours, input);
  });
  await Promise.all(starters);
};

/** MiB of the worker at its lowest within the time: what remains when garbage has been collected. */
const lowestMemory = async (stage: Stage, milliseconds: number): Promise<number> => {
  const pid = stage.pids()['worker'] ?? 0;
  const end = performance.now() + milliseconds;
  let lowest = Number.POSITIVE_INFINITY;
  while (performance.now() < end) {
    lowest = Math.min(lowest, usageOf(pid).memoryMiB);
    await sleep(250);
  }
  return lowest;
};
