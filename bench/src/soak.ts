import { setTimeout as sleep } from 'node:timers/promises';
import { chainGraph } from './flows.ts';
import { usageOf } from './process-usage.ts';
import type { Report } from './report.ts';
import { createApiClient } from './stage/api-client.ts';
import { countOpen, countQueued } from './stage/run-rows.ts';
import { openStage, type Stage } from './stage/stage.ts';
import { median, rounded } from './statistics.ts';
import { waitUntil } from './wait-until.ts';
import { countStatuses, serverErrorShare } from './webhook/latencies.ts';
import { sendAtRate } from './webhook/load.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly quick: boolean;
}

interface Growth {
  readonly memoryMiB: number;
  readonly handles: number;
}

export interface SoakFigures {
  readonly minutes: number;
  readonly runs: number;
  readonly serverErrorShare: number;
  /** From the second quarter of the time to the last, medians; the first quarter warms up. */
  readonly growth: Readonly<Record<'api' | 'worker', Growth>>;
  readonly mostQueued: number;
  /** Runs that had not ended a minute after the last delivery. */
  readonly unfinished: number;
  readonly hasGrown: boolean;
}

const perSecond = 3;
/** What counts as growth: more than the breathing of a process that collects garbage. */
const allowed = { memoryMiB: 60, memoryShare: 0.15, handles: 10, queued: 50 };

type Watched = 'api' | 'worker';
interface Sample {
  readonly memoryMiB: Readonly<Record<Watched, number>>;
  readonly handles: Readonly<Record<Watched, number>>;
  readonly queued: number;
}

/** A steady load of webhooks for so many minutes; afterwards processes and backlog are as they were. */
export const benchSoak = async ({ minutes, quick }: SoakOptions, report: Report): Promise<SoakFigures> => {
  const stage = await openStage({ processes: ['worker', 'api'], progress: report.progress });
  const client = createApiClient(stage, 50);
  try {
    const { hook } = await client.publish('Soak', chainGraph(3, { trigger: 'trigger.webhook' }));
    if (hook === null) throw new Error('The flow has no webhook.');
    const seconds = quick ? 5 : minutes * 60;
    report.progress(`${perSecond} deliveries per second for ${seconds} s`);
    const sampling = startSampling(stage, quick ? 250 : 5_000);
    const { answers } = await sendAtRate(() => client.deliver(hook, { count: 0 }), { seconds, perSecond });
    const runIds = answers.flatMap(({ runId }) => runId ?? []);
    await waitUntil('the end of all runs', async () => (await countOpen(stage, runIds)) === 0, {
      within: 60_000,
      every: 250,
    }).catch(() => {});
    const samples = await sampling.stop();

    const figures = {
      minutes: rounded(seconds / 60),
      runs: runIds.length,
      serverErrorShare: serverErrorShare(answers),
      growth: { api: growthOf(samples, 'api'), worker: growthOf(samples, 'worker') },
      mostQueued: Math.max(...samples.map(({ queued }) => queued)),
      unfinished: await countOpen(stage, runIds),
    };
    const hasGrown = quick ? false : isGrowth(figures, samples);
    report.table(`${figures.minutes} minutes at ${perSecond} starts per second`, [
      toRow('api', samples, figures.growth.api),
      toRow('worker', samples, figures.growth.worker),
    ]);
    report.table('Deliveries', [
      {
        runs: figures.runs,
        'most queued': figures.mostQueued,
        unfinished: figures.unfinished,
        statuses: JSON.stringify(countStatuses(answers)),
      },
    ]);
    report.note(hasGrown ? '\n  Something has grown.' : '\n  Nothing has grown.');
    if (hasGrown) process.exitCode = 1;
    return { ...figures, hasGrown };
  } finally {
    await client.close();
    await stage.close();
  }
};

const startSampling = (stage: Stage, every: number): { stop(): Promise<readonly Sample[]> } => {
  const samples: Sample[] = [];
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      const { api = 0, worker = 0 } = stage.pids();
      const [apiUsage, workerUsage] = [usageOf(api), usageOf(worker)];
      samples.push({
        memoryMiB: { api: apiUsage.memoryMiB, worker: workerUsage.memoryMiB },
        handles: { api: apiUsage.handles, worker: workerUsage.handles },
        queued: await countQueued(stage),
      });
      await sleep(every);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopped = true;
      await looping;
      return samples;
    },
  };
};

const quarter = (samples: readonly Sample[], index: number): readonly Sample[] => {
  const size = samples.length / 4;
  return samples.slice(Math.floor(index * size), Math.max(Math.floor((index + 1) * size), 1));
};

const medianOf = (samples: readonly Sample[], name: Watched, what: 'memoryMiB' | 'handles'): number =>
  median(samples.map((sample) => sample[what][name]));

const growthOf = (samples: readonly Sample[], name: Watched): Growth => {
  const grown = (what: 'memoryMiB' | 'handles') =>
    rounded(medianOf(quarter(samples, 3), name, what) - medianOf(quarter(samples, 1), name, what));
  return { memoryMiB: grown('memoryMiB'), handles: grown('handles') };
};

const isGrowth = (figures: Omit<SoakFigures, 'hasGrown'>, samples: readonly Sample[]): boolean => {
  const grows = (name: Watched) => {
    const { memoryMiB, handles } = figures.growth[name];
    const base = medianOf(quarter(samples, 1), name, 'memoryMiB');
    return memoryMiB > Math.max(allowed.memoryMiB, base * allowed.memoryShare) || handles > allowed.handles;
  };
  return grows('api') || grows('worker') || figures.mostQueued > allowed.queued || figures.unfinished > 0;
};

const toRow = (name: Watched, samples: readonly Sample[], { memoryMiB, handles }: Growth) => ({
  process: name,
  'MiB in the second quarter': rounded(medianOf(quarter(samples, 1), name, 'memoryMiB')),
  'in the last': rounded(medianOf(quarter(samples, 3), name, 'memoryMiB')),
  'growth, MiB': memoryMiB,
  'open files': rounded(medianOf(quarter(samples, 3), name, 'handles')),
  'growth of those': handles,
});
