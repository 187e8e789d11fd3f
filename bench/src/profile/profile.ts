import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cpuByProcess, measureThroughput } from '../engine/measure.ts';
import { hostLane, hostsAtOnce } from '../engine/host-lane.ts';
import { byHandLane, flowLane, type Lane, orderFlow } from '../engine/lanes.ts';
import type { ConnectionIds } from '../flows.ts';
import type { Report } from '../report.ts';
import { findConnections } from '../stage/run-rows.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { rounded } from '../statistics.ts';
import { readCpuProfiles } from './read-cpu-profile.ts';

/** `byHand` is what `durable` is compared with, `byHandExpress` what `express` is. */
export const profiledLanes = ['durable', 'express', 'host', 'byHand', 'byHandExpress'] as const;
export type ProfiledLane = (typeof profiledLanes)[number];

export interface ProfileOptions {
  readonly lane: ProfiledLane;
  readonly quick: boolean;
  /** Where the `.cpuprofile` files go, for a browser's developer tools; null leaves none. */
  readonly keep: string | null;
}

export interface ProfileFigures {
  readonly lane: ProfiledLane;
  readonly runsPerSecond: number;
  /** Milliseconds of CPU per run, by process. */
  readonly cpuMsPerRun: Readonly<Record<string, number>>;
}

const runsAtOnce = 24;
const shownFunctions = 25;

/** Where the CPU goes while the lane is saturated: by process, and inside the worker by thread, package and function. */
export const benchProfile = async (
  { lane: name, quick, keep }: ProfileOptions,
  report: Report,
): Promise<ProfileFigures> => {
  const counts = quick ? { warmUp: 5, runs: 24 } : { warmUp: 50, runs: 300 };
  const worker = name.startsWith('byHand') ? 'byHand' : 'worker';
  const stage = await openStage({
    processes: [worker],
    nodeFlags: (_name, folder) => ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500'],
    progress: report.progress,
  });
  try {
    const lane = laneOf(name, stage, await findConnections(stage));
    report.progress('Warming up');
    const times = name === 'host' ? 5 : 1;
    const atOnce = name === 'host' ? hostsAtOnce : runsAtOnce;
    await measureThroughput(stage, lane, { runs: counts.warmUp * times, atOnce });
    const startUp = cpuByProcess(stage)[worker] ?? 0;
    const runs = counts.runs * times;
    report.progress(`Executing ${runs} runs`);
    const { runsPerSecond, cpuPerRun } = await measureThroughput(stage, lane, { runs, atOnce });
    report.progress('Reading the profile');
    await stage.stopProcess(worker);
    const folder = stage.profileFolder(worker);
    if (keep !== null) {
      mkdirSync(keep, { recursive: true });
      cpSync(folder, join(keep, name), { recursive: true });
    }

    const total = Object.values(cpuPerRun).reduce((sum, value) => sum + value, 0);
    report.table(
      `CPU per run of "${lane.title}", by process; the sampling itself makes the worker slower`,
      Object.entries(cpuPerRun).map(([process, milliseconds]) => ({
        process,
        'ms per run': rounded(milliseconds),
        share: `${Math.round((milliseconds / total) * 100)} %`,
      })),
    );
    report.note(
      `\n  Its start and the warm-up took the worker ${rounded(startUp)} s of CPU, which are in the tables below.`,
    );
    for (const [index, thread] of readCpuProfiles(folder).entries()) {
      if (thread.busy < 100) continue;
      const shareOf = (milliseconds: number) => `${((milliseconds / thread.busy) * 100).toFixed(1)} %`;
      const toRow = ({ name: what, milliseconds }: { name: string; milliseconds: number }) => ({
        what,
        ms: rounded(milliseconds),
        share: shareOf(milliseconds),
      });
      report.table(
        `Thread ${index + 1} of the worker, busy for ${rounded(thread.busy)} ms: whose code`,
        thread.owners.slice(0, 15).map(toRow),
      );
      report.table('Its functions, without what they call', thread.functions.slice(0, shownFunctions).map(toRow));
    }
    return {
      lane: name,
      runsPerSecond: rounded(runsPerSecond),
      cpuMsPerRun: Object.fromEntries(Object.entries(cpuPerRun).map(([process, value]) => [process, rounded(value)])),
    };
  } finally {
    await stage.close();
  }
};

const laneOf = (name: ProfiledLane, stage: Stage, connections: ConnectionIds): Lane => {
  switch (name) {
    case 'byHand':
      return byHandLane(stage, connections, 'orderByHand');
    case 'byHandExpress':
      return byHandLane(stage, connections, 'orderByHandExpress');
    case 'host':
      return hostLane(stage, orderFlow(connections, 'express', 'drawn, in hosts'));
    case 'durable':
    case 'express':
      return flowLane(stage, orderFlow(connections, name, `drawn, ${name}`));
  }
};
