import { setTimeout as sleep } from 'node:timers/promises';
import { chainGraph } from '../flows.ts';
import { usageOf } from '../process-usage.ts';
import type { Report } from '../report.ts';
import { type ApiClient, createApiClient } from '../stage/api-client.ts';
import { countOpen, countQueued, readDurations } from '../stage/run-rows.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { percentile, rounded, slope } from '../statistics.ts';
import { waitUntil } from '../wait-until.ts';
import { countStatuses, type Latencies, latenciesOf, serverErrorShare } from './latencies.ts';
import { sendAtRate, sendBackToBack } from './load.ts';

interface Counts {
  readonly apiSeconds: number;
  readonly runs: number;
  readonly capacitySeconds: number;
  readonly overloadSeconds: number;
  readonly sustainedSeconds: number;
}

const fullCounts: Counts = {
  apiSeconds: 15,
  runs: 100,
  capacitySeconds: 5,
  overloadSeconds: 8,
  sustainedSeconds: 120,
};
const quickCounts: Counts = { apiSeconds: 2, runs: 8, capacitySeconds: 1, overloadSeconds: 1, sustainedSeconds: 4 };

/** The api lets one caller make twenty calls a second; this stays below. */
const callsPerSecond = 15;
/** Each webhook takes so many deliveries a second; several together find the api's own bound. */
const hooks = 5;
const overloadFactor = 5;
/** 100,000 a day. */
const sustainedPerSecond = 1.2;
/** Nodes of the flows in NFR-03 and NFR-04, trigger and return included. */
const simpleNodes = 3;
const complexNodes = 20;

export interface WebhookFigures {
  readonly api: Latencies & { readonly serverErrorShare: number };
  readonly simpleRunP90Ms: number;
  readonly complexRunP90Ms: number;
  readonly capacityPerSecond: number;
  readonly overload: Latencies & {
    readonly offeredPerSecond: number;
    readonly acknowledged: number;
    readonly refused: number;
    /** Neither acknowledged nor refused with 429 or 503. */
    readonly other: number;
    /** Acknowledged, and never became a run that ended. */
    readonly lost: number;
  };
  readonly sustained: {
    readonly startsPerSecond: number;
    readonly mostQueued: number;
    readonly growthPerMinute: number;
  };
  readonly peakMiB: { readonly api: number; readonly worker: number };
}

/** Deliveries over real sockets to a real api and worker, from quiet to five times of what they can take. */
export const benchWebhook = async ({ quick }: { readonly quick: boolean }, report: Report): Promise<WebhookFigures> => {
  const counts = quick ? quickCounts : fullCounts;
  const stage = await openStage({ processes: ['worker', 'api'], progress: report.progress });
  const client = createApiClient(stage, 300);
  try {
    const bench: Bench = { stage, client, counts, report };
    const simpleRunP90Ms = await measureRuns(bench, simpleNodes);
    const complexRunP90Ms = await measureRuns(bench, complexNodes);
    const api = await measureApi(bench);
    const sustained = await measureSustained(bench);
    const { capacityPerSecond, overload } = await measureOverload(bench);
    const { api: apiPid = 0, worker: workerPid = 0 } = stage.pids();
    const peakMiB = { api: rounded(usageOf(apiPid).peakMiB), worker: rounded(usageOf(workerPid).peakMiB) };
    report.table('Most memory a process ever had', [
      { process: 'api', MiB: peakMiB.api },
      { process: 'worker', MiB: peakMiB.worker },
    ]);
    return { api, simpleRunP90Ms, complexRunP90Ms, capacityPerSecond, overload, sustained, peakMiB };
  } finally {
    await client.close();
    await stage.close();
  }
};

interface Bench {
  readonly stage: Stage;
  readonly client: ApiClient;
  readonly counts: Counts;
  readonly report: Report;
}

const publishHook = async ({ client }: Bench, name: string, nodes: number): Promise<string> => {
  const { hook } = await client.publish(name, chainGraph(nodes - 2, { trigger: 'trigger.webhook' }));
  if (hook === null) throw new Error(`The flow "${name}" has no webhook.`);
  return hook;
};

const untilEnded = (stage: Stage, runIds: readonly string[]): Promise<void> =>
  waitUntil('the end of all runs', async () => (await countOpen(stage, runIds)) === 0, { within: 600_000, every: 250 });

/** Delivers all at once and returns the P90 from acknowledged to ended, in milliseconds. */
const measureRuns = async (bench: Bench, nodes: number): Promise<number> => {
  const { stage, client, counts, report } = bench;
  report.progress(`${counts.runs} runs of ${nodes} nodes, delivered at once`);
  const hook = await publishHook(bench, `A flow of ${nodes} nodes`, nodes);
  const answers = await Promise.all(Array.from({ length: counts.runs }, () => client.deliver(hook, { count: 0 })));
  const runIds = answers.flatMap(({ runId }) => runId ?? []);
  if (runIds.length < counts.runs) {
    throw new Error(`Of ${counts.runs} deliveries some were refused: ${JSON.stringify(countStatuses(answers))}`);
  }
  await untilEnded(stage, runIds);
  const durations = await readDurations(stage, runIds);
  const p90 = rounded(percentile(durations, 0.9));
  report.table(`${counts.runs} runs of ${nodes} nodes, delivered at once, in ms from acknowledged to ended`, [
    { p50: rounded(percentile(durations, 0.5)), p90, slowest: rounded(Math.max(...durations)) },
  ]);
  return p90;
};

const measureApi = async ({ client, counts, report }: Bench): Promise<WebhookFigures['api']> => {
  report.progress(`${callsPerSecond} calls per second of the api`);
  const { flowId } = await client.publish('Read often', chainGraph(3));
  const started = await client.call('POST', `/v1/flows/${flowId}/runs`, { input: { count: 0 } });
  const { runId } = started.body as { readonly runId?: string };
  if (!runId) throw new Error(`The flow could not be started: ${JSON.stringify(started.body)}`);
  const paths = ['/v1/runs', '/v1/flows', `/v1/flows/${flowId}`, `/v1/runs/${runId}`, '/v1/connections'];
  let next = 0;
  const { answers } = await sendAtRate(
    () => {
      next += 1;
      return client.call('GET', paths[next % paths.length] ?? '/v1/runs');
    },
    { seconds: counts.apiSeconds, perSecond: callsPerSecond },
  );
  const figures = { ...latenciesOf(answers), serverErrorShare: serverErrorShare(answers) };
  report.table('Reading lists and details through the api', [
    { ...figures, statuses: JSON.stringify(countStatuses(answers)) },
  ]);
  return figures;
};

const measureSustained = async (bench: Bench): Promise<WebhookFigures['sustained']> => {
  const { stage, client, counts, report } = bench;
  report.progress(`${sustainedPerSecond} starts per second for ${counts.sustainedSeconds} s`);
  const hook = await publishHook(bench, 'All day', 5);
  const queued: { x: number; y: number }[] = [];
  let sampling = true;
  const begun = performance.now();
  const sample = async () => {
    while (sampling) {
      queued.push({ x: (performance.now() - begun) / 60_000, y: await countQueued(stage) });
      await sleep(1_000);
    }
  };
  const sampled = sample();
  const { answers, seconds } = await sendAtRate(() => client.deliver(hook, { count: 0 }), {
    seconds: counts.sustainedSeconds,
    perSecond: sustainedPerSecond,
  });
  sampling = false;
  await sampled;
  const runIds = answers.flatMap(({ runId }) => runId ?? []);
  await untilEnded(stage, runIds);
  const figures = {
    startsPerSecond: rounded(runIds.length / seconds),
    mostQueued: Math.max(...queued.map(({ y }) => y)),
    growthPerMinute: rounded(slope(queued)),
  };
  report.table(`${sustainedPerSecond} starts per second, as 100,000 a day are`, [
    { ...figures, statuses: JSON.stringify(countStatuses(answers)) },
  ]);
  return figures;
};

const measureOverload = async (bench: Bench): Promise<Pick<WebhookFigures, 'capacityPerSecond' | 'overload'>> => {
  const { stage, client, counts, report } = bench;
  const targets: string[] = [];
  for (let hook = 1; hook <= hooks; hook += 1) targets.push(await publishHook(bench, `Crowded ${hook}`, 2));
  let next = 0;
  const deliver = () => {
    next += 1;
    return client.deliver(targets[next % targets.length] ?? '', { count: next });
  };

  report.progress('What the api can acknowledge');
  const steady = await sendBackToBack(deliver, { seconds: counts.capacitySeconds, atOnce: 16 });
  const taken = steady.answers.filter(({ runId }) => runId !== null);
  const capacityPerSecond = rounded(taken.length / steady.seconds);

  const perSecond = capacityPerSecond * overloadFactor;
  report.progress(`${overloadFactor} times as much: ${perSecond} deliveries per second`);
  const crowd = await sendAtRate(deliver, { seconds: counts.overloadSeconds, perSecond });
  const acknowledged = crowd.answers.filter(({ runId }) => runId !== null);
  const refused = crowd.answers.filter(({ status }) => status === 429 || status === 503);

  report.progress(`Waiting for the ${taken.length + acknowledged.length} runs that were acknowledged`);
  const runIds = [...taken, ...acknowledged].flatMap(({ runId }) => runId ?? []);
  await untilEnded(stage, runIds);
  const ended = (await readDurations(stage, runIds)).length;
  const figures = {
    ...latenciesOf(acknowledged),
    offeredPerSecond: rounded((crowd.answers.length + crowd.held) / crowd.seconds),
    acknowledged: acknowledged.length,
    refused: refused.length,
    other: crowd.answers.length - acknowledged.length - refused.length,
    lost: new Set(runIds).size - ended,
  };
  report.table('Acknowledging deliveries, in ms', [
    { load: `as much as it takes: ${capacityPerSecond}/s`, ...latenciesOf(taken) },
    { load: `${overloadFactor} times that: ${figures.offeredPerSecond}/s`, ...latenciesOf(acknowledged) },
    { load: 'and what was refused', ...latenciesOf(refused) },
  ]);
  report.table(`At ${overloadFactor} times the capacity`, [
    {
      offered: crowd.answers.length,
      acknowledged: figures.acknowledged,
      'refused with 429 or 503': figures.refused,
      other: figures.other,
      lost: figures.lost,
      statuses: JSON.stringify(countStatuses(crowd.answers)),
    },
  ]);
  return { capacityPerSecond, overload: figures };
};
