import { setTimeout as sleep } from 'node:timers/promises';
import { tables, withOrg } from '@everwave/schema/db';
import type { RunFlowInput } from '@everwave/schema/run';
import { startRun } from '@everwave/temporal/runs';
import { and, eq } from 'drizzle-orm';
import { manually } from '../engine/lanes.ts';
import { compileGraph, largeFileGraph, largeValueGraph } from '../flows.ts';
import { usageOf } from '../process-usage.ts';
import type { Report } from '../report.ts';
import { addRuns } from '../stage/run-rows.ts';
import { openStage, type Stage } from '../stage/stage.ts';
import { rounded } from '../statistics.ts';
import { waitUntil } from '../wait-until.ts';
import { type BigService, startBigService } from './big-service.ts';

export interface LargeOptions {
  /** MiB of the file. */
  readonly mebibytes: number;
  readonly quick: boolean;
}

export interface LargeFigures {
  readonly fileBytes: number;
  /** The upload arrived as long as it should be, and what is stored has the hash of what was sent. */
  readonly isExact: boolean;
  readonly fileSeconds: number;
  /** By how much the worker's memory rose at its peak, for one such run and for four at once with a quarter of it each. */
  readonly fileGrowthMiB: number;
  readonly fourFilesGrowthMiB: number;
  readonly valueBytes: number;
  readonly valueGrowthMiB: number;
  readonly workerPeakMiB: number;
  /** What a run says whose value is above the limit. */
  readonly refusal: string;
}

const mebibyte = 1_048_576;
/** Bytes of a value: an HTTP answer as JSON has 64 MiB at most. */
const valueOf = (quick: boolean): number => (quick ? 4 : 60) * mebibyte;
const atOnce = 4;
/** Seconds that HTTP request waits for a service: a machine that is slower than that cannot bring such a file through. */
const patience = 110;

/** Brings one file near the limit through HTTP, storage and a multipart upload, then four, then a large value, and looks at the worker. */
export const benchLarge = async ({ mebibytes, quick }: LargeOptions, report: Report): Promise<LargeFigures> => {
  const service = await startBigService();
  const stage = await openStage({
    processes: ['worker'],
    progress: report.progress,
    environment: { EVERWAVE_EGRESS_ALLOW: service.address },
  });
  try {
    // At the limit to the byte, where it is asked for.
    const fileBytes = Math.min(mebibytes * mebibyte, 268_435_456);
    await measure(stage, service, fileRuns(stage, service, mebibyte, 1));

    report.progress(`A file of ${fileBytes} bytes`);
    const one = await measure(stage, service, fileRuns(stage, service, fileBytes, 1));
    const isExact = await isStored(stage, service, fileBytes, one.inputs[0]);
    report.table(`A file of ${rounded(fileBytes / mebibyte)} MiB: HTTP answer → stored → multipart upload`, [
      { what: 'arrived as it was sent', value: isExact ? 'yes' : 'no', goal: 'yes' },
      { what: 'seconds', value: rounded(one.seconds), goal: `≤ ${2 * patience}` },
      { what: 'growth of the worker at its peak, MiB', value: rounded(one.growthMiB), goal: '' },
      { what: 'most the worker ever had, MiB', value: workerPeak(stage), goal: '≤ 2048' },
    ]);
    report.progress(`${atOnce} at once, a quarter of it each`);
    const four = await measure(stage, service, fileRuns(stage, service, Math.ceil(fileBytes / atOnce), atOnce));
    const valueBytes = valueOf(quick);
    report.progress(`A value of ${valueBytes} bytes`);
    const value = await measure(stage, service, valueRuns(stage, service, valueBytes));
    report.progress('A file above the limit');
    const refusal = await refusalOf(stage, service);

    const figures: LargeFigures = {
      fileBytes,
      isExact,
      fileSeconds: rounded(one.seconds),
      fileGrowthMiB: rounded(one.growthMiB),
      fourFilesGrowthMiB: rounded(four.growthMiB),
      valueBytes,
      valueGrowthMiB: rounded(value.growthMiB),
      workerPeakMiB: workerPeak(stage),
      refusal,
    };
    report.table(`${atOnce} files at once, a quarter of it each`, [
      { what: 'growth of the worker at its peak, MiB', value: figures.fourFilesGrowthMiB, goal: 'as with one' },
    ]);
    report.table(`A value of ${rounded(valueBytes / mebibyte)} MiB`, [
      { what: 'growth of the worker at its peak, MiB', value: figures.valueGrowthMiB, goal: '≤ 10 × its size' },
      { what: 'most the worker ever had, MiB', value: figures.workerPeakMiB, goal: '≤ 2048' },
    ]);
    report.note(`\n  Above the limit: ${refusal}`);
    if (!isExact) process.exitCode = 1;
    return figures;
  } finally {
    service.close();
    await stage.close();
  }
};

const workerPeak = (stage: Stage): number => rounded(usageOf(stage.pids()['worker'] ?? 0).peakMiB);

const fileRuns = (stage: Stage, service: BigService, bytes: number, howMany: number) => ({
  uploads: howMany,
  add: () => {
    const plan = compileGraph('flow_file', 'Large file', largeFileGraph(`http://${service.address}`, bytes));
    return addRuns(stage, { plan, planHash: `file ${bytes}`, data: manually({}) }, howMany);
  },
});

const valueRuns = (stage: Stage, service: BigService, bytes: number) => ({
  uploads: 1,
  add: () => {
    const plan = compileGraph('flow_value', 'Large value', largeValueGraph(`http://${service.address}`, bytes));
    return addRuns(stage, { plan, planHash: `value ${bytes}`, data: manually({}) }, 1);
  },
});

interface Measured {
  readonly inputs: readonly RunFlowInput[];
  readonly seconds: number;
  readonly growthMiB: number;
}

/** Starts runs, and watches the worker's memory until each of their uploads has arrived. */
const measure = async (
  stage: Stage,
  service: BigService,
  { uploads, add }: { readonly uploads: number; readonly add: () => Promise<readonly RunFlowInput[]> },
): Promise<Measured> => {
  const pid = stage.pids()['worker'] ?? 0;
  const inputs = await add();
  await sleep(1_000);
  const before = usageOf(pid).memoryMiB;
  const expected = service.arrived.length + uploads;
  let peak = before;
  const begun = performance.now();
  for (const input of inputs) await startRun(stage.temporal.ours, input);
  await waitUntil(
    'the upload of everything',
    async () => {
      peak = Math.max(peak, usageOf(pid).memoryMiB);
      return service.arrived.length >= expected;
    },
    { within: 2 * patience * 1_000, every: 50 },
  );
  return { inputs, seconds: (performance.now() - begun) / 1_000, growthMiB: peak - before };
};

/** The last upload was as long as it should be, and the run has the file under the hash of what the service gave. */
const isStored = async (
  { db, orgId }: Stage,
  service: BigService,
  bytes: number,
  input: RunFlowInput | undefined,
): Promise<boolean> => {
  const { blobUses } = tables;
  const uses = await withOrg(db, orgId, (tx) =>
    tx
      .select({ sha256: blobUses.sha256 })
      .from(blobUses)
      .where(and(eq(blobUses.orgId, orgId), eq(blobUses.runId, input?.runId ?? ''))),
  );
  const arrived = service.arrived.at(-1)?.bytes ?? 0;
  return uses.some(({ sha256 }) => sha256 === service.fileHash(bytes)) && arrived > bytes && arrived < bytes + 10_000;
};

const refusalOf = async (stage: Stage, service: BigService): Promise<string> => {
  const plan = compileGraph('flow_file', 'Too large', largeFileGraph(`http://${service.address}`, 268_435_457));
  const [input] = await addRuns(stage, { plan, planHash: 'too large', data: manually({}) }, 1);
  if (!input) throw new Error('The run was not added.');
  await startRun(stage.temporal.ours, input);
  const { runSteps } = tables;
  let message = '';
  await waitUntil(
    'the refusal',
    async () => {
      const [step] = await withOrg(stage.db, stage.orgId, (tx) =>
        tx
          .select({ failure: runSteps.failure })
          .from(runSteps)
          .where(and(eq(runSteps.runId, input.runId), eq(runSteps.status, 'needs_attention'))),
      );
      if (step?.failure) message = `${step.failure.name}: ${step.failure.message} ${step.failure.advice ?? ''}`.trim();
      return message !== '';
    },
    { within: 120_000, every: 200 },
  );
  return message;
};
