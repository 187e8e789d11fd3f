import { setTimeout as sleep } from 'node:timers/promises';
import type { RunFlowInput } from '@everwave/schema/run';
import { workflowIdOf } from '@everwave/schema/ids';
import { repairRun, startRun } from '@everwave/temporal/runs';
import { manually } from '../engine/lanes.ts';
import { compileGraph, loopGraph } from '../flows.ts';
import { usageOf } from '../process-usage.ts';
import type { Report } from '../report.ts';
import { addRuns, countOpen, findConnections } from '../stage/run-rows.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { rounded } from '../statistics.ts';
import { waitUntil } from '../wait-until.ts';
import { countOpenWorkflows, longestHistory, readLoopRows } from './loop-rows.ts';

export interface LoopOptions {
  readonly items: number;
  readonly lane: 'durable' | 'express';
  readonly quick: boolean;
}

export interface LoopFigures {
  readonly items: number;
  readonly effects: number;
  /** Times that effects were sent. */
  readonly sent: number;
  readonly itemsPerSecond: number;
  readonly longestHistory: number;
  readonly workerGrowthMiB: number;
  readonly workerPeakMiB: number;
  /** Milliseconds from asking a second run to cancel, half-way, until it and all of its batches had ended. */
  readonly cancelledAfterMs: number;
  readonly sentAfterCancel: number;
}

/** Goes over so many items, each with one effect, and then over as many again, to be cancelled half-way. */
export const benchLoop = async ({ items, lane, quick }: LoopOptions, report: Report): Promise<LoopFigures> => {
  const stage = await openStage({ processes: ['worker'], progress: report.progress });
  try {
    const connections = await findConnections(stage);
    const plan = compileGraph('flow_loop', 'Loop', loopGraph(connections, lane), connections);
    const data = (count: number) => manually({ items: Array.from({ length: count }, () => 0) });
    // A worker that has just started has not yet loaded what every run needs.
    const [warm] = await addRuns(stage, { plan, planHash: 'loop', data: data(quick ? 10 : 400) }, 1);
    if (warm) await untilEnd(stage, warm, report, 400);
    await sleep(quick ? 500 : 5_000);
    const before = memoryNow(stage);

    const [whole, halved] = await addRuns(stage, { plan, planHash: 'loop', data: data(items) }, 2);
    if (!whole || !halved) throw new Error('The runs were not added.');
    report.progress(`Going over ${items} items`);
    const begun = performance.now();
    await untilEnd(stage, whole, report, items);
    const seconds = (performance.now() - begun) / 1000;
    const rows = await untilWritten(stage, whole.runId, items);
    const itemsPerSecond = rounded(items / seconds);
    const longest = await longestHistory(stage, workflowIdOf(whole.orgId, whole.runId));
    // At once: going over as many once more takes long.
    report.table(`${items} items, ${lane}`, [
      { what: 'effects', value: rows.effects, goal: `${items}` },
      { what: 'times sent', value: rows.sent, goal: `${items}` },
      { what: 'rows of items', value: rows.items, goal: `${items}` },
      { what: 'items per second', value: itemsPerSecond, goal: '' },
      { what: 'events of the longest history', value: longest, goal: '≤ 4096' },
      {
        what: 'growth of the worker, MiB',
        value: rounded((await lowestMemory(stage, quick ? 1_000 : 10_000)) - before),
        goal: '≤ 150',
      },
    ]);

    report.progress('Once more, to be cancelled half-way');
    await startRun(stage.temporal.ours, halved);
    await waitUntil('half of the items', async () => (await readLoopRows(stage, halved.runId)).effects >= items / 2, {
      within: timeFor(items),
      every: 1_000,
    });
    const asked = performance.now();
    await cancel(stage, halved);
    const workflowId = workflowIdOf(halved.orgId, halved.runId);
    await waitUntil('the end of the cancelled run', async () => (await countOpen(stage, [halved.runId])) === 0, {
      within: 120_000,
    });
    const cancelledAfterMs = Math.round(performance.now() - asked);
    const { sent: sentAtEnd } = await readLoopRows(stage, halved.runId);
    await waitUntil('the end of its batches', async () => (await countOpenWorkflows(stage, workflowId)) === 0, {
      within: 60_000,
    });
    await sleep(2_000);
    const figures: LoopFigures = {
      items,
      effects: rows.effects,
      sent: rows.sent,
      itemsPerSecond,
      longestHistory: longest,
      workerGrowthMiB: rounded((await lowestMemory(stage, quick ? 1_000 : 30_000)) - before),
      workerPeakMiB: rounded(usageOf(stage.pids()['worker'] ?? 0).peakMiB),
      cancelledAfterMs,
      sentAfterCancel: (await readLoopRows(stage, halved.runId)).sent - sentAtEnd,
    };
    report.table('once more, cancelled half-way', [
      { what: 'growth of the worker by both, MiB', value: figures.workerGrowthMiB, goal: '≤ 150' },
      { what: 'most the worker had, MiB', value: figures.workerPeakMiB, goal: '' },
      { what: 'cancelled half-way, ended after, ms', value: figures.cancelledAfterMs, goal: '≤ 10000' },
      { what: 'sent after that', value: figures.sentAfterCancel, goal: '0' },
    ]);
    return figures;
  } finally {
    await stage.close();
  }
};

/** A slow machine does some twenty items a second. */
const timeFor = (items: number): number => 60_000 + items * 50;

const untilEnd = async (stage: Stage, input: RunFlowInput, report: Report, items: number): Promise<void> => {
  await startRun(stage.temporal.ours, input);
  let shownAt = performance.now();
  await waitUntil(
    'the end of the loop',
    async () => {
      if (performance.now() - shownAt > 30_000) {
        shownAt = performance.now();
        report.progress(`${(await readLoopRows(stage, input.runId)).succeeded} items`);
      }
      return (await countOpen(stage, [input.runId])) === 0;
    },
    { within: timeFor(items), every: 200 },
  );
};

const untilWritten = async (stage: Stage, runId: string, items: number) => {
  await waitUntil('the rows of all items', async () => (await readLoopRows(stage, runId)).succeeded === items, {
    within: 60_000,
    every: 500,
  });
  return readLoopRows(stage, runId);
};

const cancel = async ({ temporal }: Stage, { orgId, runId }: RunFlowInput): Promise<void> => {
  const by = { userId: 'bench', name: 'Bench', role: 'operator' };
  const result = await repairRun(temporal.ours, { orgId, runId }, 'cancelRun', { requestId: `cancel-${runId}`, by });
  if (!result.ok) throw new Error(`The run was not cancelled: ${result.message}`);
};

const memoryNow = (stage: Stage): number => usageOf(stage.pids()['worker'] ?? 0).memoryMiB;

/** What the worker holds once it has done its work: its lowest within the time. */
const lowestMemory = async (stage: Stage, milliseconds: number): Promise<number> => {
  let lowest = memoryNow(stage);
  for (const end = performance.now() + milliseconds; performance.now() < end; await sleep(500)) {
    lowest = Math.min(lowest, memoryNow(stage));
  }
  return lowest;
};
