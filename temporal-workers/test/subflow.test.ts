import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import type { Plan } from '@everwave/schema/flow';
import type { RepairRequest } from '@everwave/schema/run';
import { type RepairAction, repairRun } from '@everwave/temporal/runs';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childRunIdOf } from '../../schema/src/interpreter/child-run-id.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';
import { scenarios } from './scenarios.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const runOf = async (name: string): Promise<RunUnderTest> => {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`There is no scenario ${name}.`);
  const run = await harness.start(scenario.plan, scenario.options);
  await scenario.drive?.(run, harness);
  return run;
};
const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const repair = ({ runId }: RunUnderTest, action: RepairAction, request: Partial<RepairRequest> = {}) =>
  repairRun(harness.client, { orgId: harness.orgId, runId }, action, { requestId: randomUUID(), by, ...request });
/** The child's own row comes with its first report. */
const untilChild = (child: RunUnderTest, status: string) =>
  eventually(
    async () => (await child.projection().catch(() => null)) as Awaited<ReturnType<RunUnderTest['projection']>>,
    (projected) => projected?.run.status === status,
  );
const childrenOf = ({ runId }: RunUnderTest) =>
  withSystem(harness.db, (tx) => tx.select().from(tables.runs).where(eq(tables.runs.parentRunId, runId)));
const callsOf = ({ runId }: RunUnderTest) => seen.calls.filter((call) => call.runId === runId);
const subflowOf = (plan: Plan, mode: 'wait' | 'detach' = 'wait') =>
  aPlan({
    steps: {
      ship: {
        type: 'subflow',
        plan: { ...plan, flowId: 'flow_2', title: 'Shipping' },
        planHash: 'other',
        trigger: { stepId: 'start', kind: 'trigger.manual' },
        input: null,
        mode,
      },
    },
    edges: ['start -> ship'],
  });

describe('a sub-flow that is waited for', () => {
  it('is a run of its own, with its own row and effects, and gives what it gives', async () => {
    const run = await runOf('subflow');
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    const child = harness.child(run, 'ship');
    expect(callsOf(run).map(({ input }) => input)).toEqual(['Ada']);
    expect(callsOf(child)).toMatchObject([{ path: 'pack', rootRunId: child.runId, input: 'Ada', flowId: 'flow_2' }]);
    const { run: row, steps } = await untilChild(child, 'succeeded');
    expect(row).toMatchObject({
      parentRunId: run.runId,
      parentPath: 'ship',
      parentOrdinal: 1,
      parentWaits: true,
      flowId: 'flow_2',
      flowVersion: 3,
      planHash: 'other',
      output: 'Ada',
    });
    expect(steps.map(({ path, status }) => `${path} ${status}`)).toEqual([
      'done succeeded',
      'pack succeeded',
      'start succeeded',
    ]);
    const { steps: own } = await untilStatus(run, 'succeeded');
    expect(own.find(({ path }) => path === 'ship')).toMatchObject({
      status: 'succeeded',
      input: { name: 'Ada' },
      output: 'Ada',
    });
  });

  it('has its rows back from history when nobody wrote them: the parent tells of the child', async () => {
    const run = await runOf('subflow');
    await run.result();
    const child = harness.child(run, 'ship');
    const before = await untilChild(child, 'succeeded');
    await untilStatus(run, 'succeeded');
    await withSystem(harness.db, (tx) => tx.delete(tables.runs).where(eq(tables.runs.id, child.runId)));
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(await reconcile(harness, child)).toBe('equal');
    // Which of the two told of it first decides about these moments.
    const moments = { createdAt: null, startedAt: null, placedAt: null, nextStartAt: null };
    expect({ ...comparable(await child.projection()).run, ...moments }).toEqual({
      ...comparable(before).run,
      ...moments,
    });
    expect(comparable(await child.projection()).steps).toEqual(comparable(before).steps);
  });

  it('that fails fails its step by that name, and a retry is another run', async () => {
    const run = await runOf('subflow-fails-and-is-retried');
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    const first = await untilChild(harness.child(run, 'ship'), 'failed');
    expect(first.run.failure).toMatchObject({ name: 'out_of_order' });
    await untilChild(harness.child(run, 'ship', 2), 'succeeded');
    const { steps } = await untilStatus(run, 'succeeded');
    expect(steps.filter(({ path }) => path === 'ship')).toMatchObject([
      {
        ordinal: 1,
        status: 'failed',
        failure: { name: 'out_of_order', message: expect.stringContaining('Shipping failed') },
      },
      { ordinal: 2, status: 'succeeded' },
    ]);
    expect(await childrenOf(run)).toHaveLength(2);
  });

  it('that parks keeps its parent waiting, which goes on when somebody repairs it', async () => {
    const run = await harness.start(
      subflowOf(
        aPlan({
          steps: { pack: anAction({ activity: 'test.fail@1', options: retrying(1) }) },
          edges: ['start -> pack'],
        }),
      ),
    );
    const child = harness.child(run, 'ship');
    await eventually(
      () => childrenOf(run),
      ([row]) => row?.status === 'needs_attention',
    );
    expect((await run.projection()).run.status).toBe('waiting');
    await repair(child, 'completeStep', { path: 'pack', output: { by: 'hand' } });
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    await untilStatus(run, 'succeeded');
  });

  it('is cancelled with its parent, which ends after it', async () => {
    const run = await runOf('subflow-cancelled');
    await expect(run.result()).rejects.toThrow();
    expect(seen.cancelled).toContain('stuck');
    await untilChild(harness.child(run, 'ship'), 'cancelled');
    await untilStatus(run, 'cancelled');
    expect((await run.handle.describe()).status.name).toBe('CANCELLED');
    // It tells its parent before it closes.
    await eventually(
      async () => (await harness.child(run, 'ship').handle.describe()).status.name,
      (status) => status === 'CANCELLED',
    );
  });

  it('is cancelled also when its parent goes on in a new history at that moment', async () => {
    const pause = aPlan({ steps: { pause: { type: 'delay', duration: '1h' } }, edges: ['start -> pause'] });
    const { steps } = subflowOf(pause);
    const race = aPlan({
      steps: {
        ship: steps['ship'] as never,
        a: anAction({ activity: 'test.echo@1' }),
        b: anAction({ activity: 'test.echo@1' }),
        first: { type: 'merge', policy: { join: 'count', count: 1, others: 'cancel', before: ['ship', 'a', 'b'] } },
        after: anAction({ activity: 'test.echo@1' }),
      },
      edges: ['start -> ship', 'start -> a', 'a -> b', 'b -> first', 'ship -> first', 'first -> after'],
    });
    // One of these limits is reached by the event with which the other branch wins.
    const limits = Array.from({ length: 14 }, (_, index) => 12 + index);
    const runs = await Promise.all(limits.map((historyLimit) => harness.start(race, { historyLimit })));
    for (const run of runs) {
      expect(await run.result()).toMatchObject({ status: 'succeeded' });
      await untilChild(harness.child(run, 'ship'), 'cancelled');
    }
  }, 60_000);

  it('that an operator terminates in Temporal fails its step', async () => {
    const run = await harness.start(
      subflowOf(aPlan({ steps: { pause: { type: 'delay', duration: '1h' } }, edges: ['start -> pause'] })),
    );
    const child = harness.child(run, 'ship');
    await eventually(
      () => childrenOf(run),
      ([row]) => row?.status === 'waiting',
    );
    await child.handle.terminate('by hand');
    const { steps } = await untilStatus(run, 'needs_attention');
    expect(steps.find(({ path }) => path === 'ship')?.failure).toMatchObject({ name: 'terminated' });
    const before = comparable(await run.projection());
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(before);
    await repair(run, 'cancelRun');
  });

  it('outlives the history that started it: its end reaches the part that follows', async () => {
    const run = await runOf('subflow-continues-as-new');
    expect(await run.result()).toMatchObject({ status: 'succeeded', output: 'Ada' });
    const { run: row } = await untilStatus(run, 'succeeded');
    expect(row.temporalRunId).not.toBe(run.firstTemporalRunId);
    expect(await childrenOf(run)).toHaveLength(1);
  });

  it('that is terminated when its parent is in another history fails its step: the reconciler tells of it', async () => {
    const parent = subflowOf(aPlan({ steps: { pause: { type: 'delay', duration: '1h' } }, edges: ['start -> pause'] }));
    const run = await harness.start(
      aPlan({
        steps: {
          ...(parent.steps as object),
          ...Object.fromEntries(
            ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => [id, anAction({ activity: 'test.echo@1' })]),
          ),
        },
        edges: ['start -> ship', 'start -> a', 'a -> b', 'b -> c', 'c -> d', 'd -> e', 'e -> f'],
      }),
      { historyLimit: 20 },
    );
    const child = harness.child(run, 'ship');
    await eventually(
      () => run.projection(),
      ({ run: { temporalRunId }, steps }) =>
        temporalRunId !== run.firstTemporalRunId &&
        steps.some(({ path, status }) => path === 'f' && status === 'succeeded'),
    );
    await untilChild(child, 'waiting');
    await child.handle.terminate('by hand');
    expect(await reconcile(harness, child)).toBe('equal');
    const { steps } = await untilStatus(run, 'needs_attention');
    expect(steps.find(({ path }) => path === 'ship')?.failure).toMatchObject({
      name: 'terminated',
      message: expect.stringContaining('by hand'),
    });
    // Once more says nothing new.
    expect(await reconcile(harness, child)).toBe('equal');
    const before = comparable(await run.projection());
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(before);
    await repair(run, 'retryStep', { path: 'ship' });
    await untilStatus(run, 'waiting');
    expect(await childrenOf(run)).toHaveLength(2);
    await repair(run, 'cancelRun');
  });

  it('that was there before, and has ended, is not started a second time: a person must look', async () => {
    const runId = `run_${randomUUID().replaceAll('-', '')}`;
    const plan = aPlan({ steps: { a: anAction({ activity: 'test.echo@1' }) }, edges: ['start -> a'] });
    const earlier = await harness.start(plan, { runId: childRunIdOf(runId, 'ship', 1) });
    await earlier.result();
    const run = await harness.start(subflowOf(plan), { runId });
    const parked = await untilStatus(run, 'needs_attention');
    expect(parked.steps.find(({ path }) => path === 'ship')?.failure).toMatchObject({
      name: 'child_end_unknown',
      unsure: true,
    });
    expect(callsOf(earlier)).toHaveLength(1);
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(comparable(parked));
    await repair(run, 'retryStep', { path: 'ship' });
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    await untilChild(harness.child(run, 'ship', 2), 'succeeded');
  });

  it('is started once when workers are replaced in the middle, again and again', async () => {
    const run = await harness.start(
      subflowOf(
        aPlan({
          steps: {
            a: anAction({ activity: 'test.echo@1' }),
            pause: { type: 'delay', duration: '1500ms' },
            b: anAction({ activity: 'test.echo@1' }),
          },
          edges: ['start -> a', 'a -> pause', 'pause -> b'],
        }),
      ),
    );
    for (let time = 0; time < 3; time += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await harness.stopWorker();
      await harness.startWorker();
    }
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    await untilStatus(run, 'succeeded');
    expect(await childrenOf(run)).toHaveLength(1);
    expect(callsOf(harness.child(run, 'ship')).map(({ path }) => path)).toEqual(['a', 'b']);
    const { events } = await run.handle.fetchHistory();
    expect(events?.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)).toHaveLength(1);
  });
});

describe('a sub-flow that is left alone', () => {
  it('gives the id of its run, and goes on when its parent has ended', async () => {
    const run = await runOf('subflow-detached');
    const child = harness.child(run, 'ship');
    expect(await run.result()).toMatchObject({ status: 'succeeded', output: { runId: child.runId } });
    expect(await child.result()).toMatchObject({ status: 'succeeded', output: 'Ada' });
    const { run: row } = await untilChild(child, 'succeeded');
    expect(row).toMatchObject({ parentRunId: run.runId, parentWaits: false });
  });

  it('is not cancelled with its parent', async () => {
    const slow = aPlan({ steps: { pause: { type: 'delay', duration: '2s' } }, edges: ['start -> pause'] });
    const parent = subflowOf(slow, 'detach');
    const run = await harness.start(
      aPlan({
        steps: { ...(parent.steps as object), stuck: anAction({ activity: 'test.hang@1' }) },
        edges: ['start -> ship', 'ship -> stuck'],
      }),
    );
    await eventually(
      () => run.projection(),
      ({ steps }) => steps.some(({ path, attempts }) => path === 'stuck' && attempts === 1),
    );
    await run.handle.cancel();
    await expect(run.result()).rejects.toThrow();
    expect(await harness.child(run, 'ship').result()).toMatchObject({ status: 'succeeded' });
  });
});

it('a signal that is not sealed with the key of the org ends nothing', async () => {
  const run = await harness.start(
    subflowOf(aPlan({ steps: { pause: { type: 'delay', duration: '3s' } }, edges: ['start -> pause'] })),
  );
  await eventually(
    () => childrenOf(run),
    ([row]) => row?.status === 'waiting',
  );
  await harness.client.workflowService.signalWorkflowExecution({
    namespace: harness.namespace,
    workflowExecution: { workflowId: run.workflowId },
    signalName: 'childEnded',
    input: {
      payloads: [
        {
          metadata: { encoding: Buffer.from('json/plain') },
          data: Buffer.from(
            JSON.stringify({ path: 'ship', ordinal: 1, end: { status: 'succeeded', output: 'forged' } }),
          ),
        },
      ],
    },
  });
  expect(await run.result()).toMatchObject({ status: 'succeeded' });
  const { steps } = await untilStatus(run, 'succeeded');
  expect(steps.find(({ path }) => path === 'ship')?.output).not.toBe('forged');
});
