import { randomUUID } from 'node:crypto';
import { batchWorkflowIdOf } from '@everwave/schema/run';
import { repairRun } from '@everwave/temporal/runs';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { writeEntries } from '../src/projection/write-entries.ts';
import { findCandidates, reconcileSettings } from '../src/reconciler/reconcile.ts';
import { createFakeActivities } from './fake-activities.ts';
import {
  createHarness,
  eventually,
  type Harness,
  type ProjectedRun,
  type RunUnderTest,
  untilStatus,
} from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const causes = proto.temporal.api.enums.v1.WorkflowTaskFailedCause;
const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const echo = anAction({ activity: 'test.echo@1' });
/** It takes its time inside of a workflow task, whatever comes meanwhile. */
const slow = anAction({ activity: 'test.echo@1', input: { sleep: 1_500 }, lane: 'express' });

const begun = ({ runId }: RunUnderTest, path: string) =>
  eventually(
    async () => seen.calls.filter((call) => call.runId === runId && call.path === path),
    (calls) => calls.length > 0,
  );

/** Workflow tasks that came too late to end what they were to end. */
const tooLate = async (workflowId: string, temporalRunId?: string): Promise<number> => {
  const { events } = await harness.client.workflow.getHandle(workflowId, temporalRunId).fetchHistory();
  const failed = (events ?? []).map(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes);
  return failed.filter((each) => each?.cause === causes.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND).length;
};

/** Asked for at once, though the run has just been heard of. */
const isAskedFor = async ({ runId }: RunUnderTest): Promise<boolean> => {
  const candidates = await findCandidates(harness.db, { ...reconcileSettings, limit: 1_000 }, 0);
  return candidates.some(({ id }) => id === runId);
};

const untilAskedFor = (run: RunUnderTest) => eventually(() => isAskedFor(run), Boolean);

const untilCompared = async (run: RunUnderTest) => {
  await eventually(
    () => reconcile(harness, run),
    (result) => result === 'equal',
  );
  expect(await isAskedFor(run)).toBe(false);
  return shown(await run.projection());
};

/** An attempt took place also where its workflow task did not complete: of those, no history tells. */
const shown = (projected: ProjectedRun) => {
  const { run, steps } = comparable(projected);
  return { run, steps: steps.map((step) => ({ ...step, attempts: null })) };
};

/** Its rows as its histories alone have them. */
const fromHistory = async (run: RunUnderTest) => {
  await dropProjection(harness, run);
  return untilCompared(run);
};

const statusesOf = ({ steps }: { readonly steps: readonly { readonly path: string; readonly status: string }[] }) =>
  Object.fromEntries(steps.map(({ path, status }) => [path, status]));

describe('a workflow task that comes too late to end its run', () => {
  const plan = aPlan({ steps: { first: slow, next: echo }, edges: ['start -> first'] });

  it('is noticed, and what it has told of is put right from history at once', async () => {
    const run = await harness.start(plan);
    await begun(run, 'first');
    await run.handle.cancel();
    await expect(run.result()).rejects.toThrow();
    expect(await tooLate(run.workflowId)).toBe(1);
    await untilAskedFor(run);
    const right = await untilCompared(run);
    expect(right.run).toMatchObject({ status: 'cancelled', divergedAt: null });
    expect(right).toEqual(await fromHistory(run));
  });

  it('is not asked for when nothing came in between', async () => {
    const run = await harness.start(plan);
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    await untilStatus(run, 'succeeded');
    expect(await tooLate(run.workflowId)).toBe(0);
    expect(await isAskedFor(run)).toBe(false);
  });
});

describe('a workflow task of a worker that died', () => {
  const plan = aPlan({
    steps: { risky: anAction({ activity: 'test.fail@1', input: { fixAt: 2 }, options: retrying(1) }), next: echo },
    edges: ['start -> risky', 'risky -> next'],
  });

  it('is noticed by the one that comes after it', async () => {
    const run = await harness.start(plan);
    const { steps } = await untilStatus(run, 'needs_attention');
    await harness.stopWorker();
    const { orgId } = harness;
    const { seq = 0, temporalRunId = '' } = steps.find(({ path }) => path === 'risky') ?? {};
    // It was told that a person had skipped the step, and died before its task had completed.
    await writeEntries(harness, [
      {
        kind: 'step',
        run: { orgId, runId: run.runId, flowId: run.input.plan.flowId },
        temporalRunId,
        transition: { seq: seq + 9, path: 'risky', ordinal: 1, stepId: 'risky', at: Date.now(), status: 'skipped' },
      },
    ]);
    await harness.startWorker();
    expect(await isAskedFor(run)).toBe(false);
    const request = { requestId: randomUUID(), by, path: 'risky' };
    await repairRun(harness.client, { orgId, runId: run.runId }, 'completeStep', { ...request, output: 7 });
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    await untilAskedFor(run);
    const right = await untilCompared(run);
    expect(right.steps.find(({ path }) => path === 'risky')).toMatchObject({ status: 'succeeded', output: 7 });
    expect(right).toEqual(await fromHistory(run));
  });
});

describe('a workflow task of a batch that comes too late to go on in a new history', () => {
  const plan = withBatches(
    aPlan({
      steps: {
        each: { type: 'forEach', items: [0, 1], concurrency: 1, onItemFailure: 'park', result: null },
        get: echo,
        slow,
        put: echo,
      },
      edges: ['start -> each', 'get -> slow', 'slow -> put'],
      frames: { each: ['get', 'slow', 'put'] },
    }),
    2,
  );

  it('is noticed, and the batch compared although its rows are all there', async () => {
    const run = await harness.start(plan, { historyLimit: 6 });
    await begun(run, 'each[0].slow');
    const batch = batchWorkflowIdOf(harness.orgId, run.runId, { path: 'each', ordinal: 1, number: 0 });
    const { runId: part } = await harness.client.workflow.getHandle(batch).describe();
    const request = { requestId: randomUUID(), by };
    await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'cancelRun', request);
    await expect(run.result()).rejects.toThrow();
    expect(await tooLate(batch, part)).toBe(1);
    await untilAskedFor(run);
    const right = await untilCompared(run);
    expect(statusesOf(right)).toMatchObject({ 'each[0].get': 'succeeded', 'each[0].put': 'skipped' });
    expect(right).toEqual(await fromHistory(run));
  });
});
