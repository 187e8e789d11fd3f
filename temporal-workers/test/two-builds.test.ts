import type { Activity } from '@everwave/activities/worker';
import { batchWorkflowIdOf } from '@everwave/schema/run';
import { createLogger } from '@everwave/temporal/logger';
import { createNativeConnection } from '@everwave/temporal/native-connection';
import type { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { loadWorkflowBundle } from '../src/bundle.ts';
import { createWorker, type FlowWorker } from '../src/worker.ts';
import { createHarness, eventually, type Harness, type RunUnderTest } from './harness.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const deploymentName = 'everwave';
let harness: Harness;
let connection: NativeConnection;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  harness = await createHarness({ activities: {}, withoutWorker: true });
  const address = harness.variables['TEMPORAL_ADDRESS'] ?? '';
  connection = await createNativeConnection({ address, namespace: harness.namespace, apiKey: null, tls: null });
});
afterAll(async () => {
  await Promise.all(ends.map((end) => end()));
  await connection.close();
  await harness.close();
});

/** What each build has done: `1 each[0].get`. */
const calls: string[] = [];
const held = new Set<() => void>();
const release = (): void => {
  for (const go of held) go();
  held.clear();
};

/** The same code twice, as two builds of it. */
const startBuild = async (buildId: string): Promise<void> => {
  const act: Activity = async ({ path, runId }) => {
    calls.push(`${runId} ${buildId} ${path}`);
    if (path.endsWith('.get') && buildId === '1') await new Promise<void>((resolve) => held.add(resolve));
    return { output: buildId };
  };
  const worker: FlowWorker = await createWorker({
    connection,
    namespace: harness.namespace,
    db: harness.db,
    ring: harness.ring,
    bundle: await loadWorkflowBundle(logger),
    logger,
    activities: { 'test.act@1': act },
    deployment: { deploymentName, buildId },
    shutdownGraceTime: '1s',
  });
  const running = worker.run();
  ends.push(async () => {
    worker.shutdown();
    await running;
  });
};

/** Temporal knows of a build when its worker has asked for work. */
const makeCurrent = (buildId: string): Promise<unknown> =>
  eventually(
    () =>
      harness.client.workflowService
        .setWorkerDeploymentCurrentVersion({ namespace: harness.namespace, deploymentName, buildId })
        .then(() => 'done')
        .catch((error: unknown) => String(error)),
    (answer) => answer === 'done',
  );

const callsOf = ({ runId }: RunUnderTest): readonly string[] =>
  calls.filter((call) => call.startsWith(runId)).map((call) => call.slice(runId.length + 1));

/** By which build the workflow was brought to its end. */
const buildOf = async (workflowId: string): Promise<{ behavior: unknown; buildId: unknown }> => {
  const { raw } = await harness.client.workflow.getHandle(workflowId).describe();
  const { behavior, deploymentVersion } = raw.workflowExecutionInfo?.versioningInfo ?? {};
  return { behavior, buildId: deploymentVersion?.buildId };
};
/** Temporal's numbers for them. */
const pinned = 1;
const autoUpgrade = 2;

const plan = withBatches(
  aPlan({
    steps: {
      each: { type: 'forEach', items: [0, 1, 2, 3], concurrency: 2, onItemFailure: 'park', result: null },
      get: anAction(),
      put: anAction(),
      after: anAction(),
    },
    edges: ['start -> each', 'get -> put', 'each -> after'],
    frames: { each: ['get', 'put'] },
  }),
  2,
);

describe('a run with a loop in batches, while another build of the workers becomes the current one', () => {
  it('ends the batch under way on the build on which that began, and goes on itself on the newer one', async () => {
    await startBuild('1');
    await makeCurrent('1');
    const run = await harness.start(plan);
    await eventually(
      async () => callsOf(run),
      (known) => known.length === 2,
    );

    await startBuild('2');
    await makeCurrent('2');
    release();
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    expect(callsOf(run).toSorted()).toEqual([
      '1 each[0].get',
      '1 each[0].put',
      '1 each[1].get',
      '1 each[1].put',
      '2 after',
      '2 each[2].get',
      '2 each[2].put',
      '2 each[3].get',
      '2 each[3].put',
    ]);
    const batch = (number: number) => batchWorkflowIdOf(harness.orgId, run.runId, { path: 'each', ordinal: 1, number });
    expect(await buildOf(batch(0))).toEqual({ behavior: pinned, buildId: '1' });
    expect(await buildOf(batch(1))).toEqual({ behavior: pinned, buildId: '2' });
    expect(await buildOf(run.workflowId)).toEqual({ behavior: autoUpgrade, buildId: '2' });

    const next = await harness.start(plan);
    expect(await next.result()).toMatchObject({ status: 'succeeded' });
    expect(callsOf(next)).toHaveLength(9);
    expect(callsOf(next).filter((call) => !call.startsWith('2 '))).toEqual([]);
  }, 120_000);
});
