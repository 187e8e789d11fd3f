import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { generationOfFork, type Json, type Plan } from '@everwave/schema/flow';
import { batchWorkflowIdOf, type RepairRequest } from '@everwave/schema/run';
import { answerApproval, repairRun, type RepairAction } from '@everwave/temporal/runs';
import { and, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { createFakeActivities } from './fake-activities.ts';
import { startForkOf } from './fork-of.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const repair = ({ runId }: RunUnderTest, action: RepairAction, request: Partial<RepairRequest> = {}) =>
  repairRun(harness.client, { orgId: harness.orgId, runId }, action, { requestId: randomUUID(), by, ...request });
const callsOf = ({ runId }: RunUnderTest) => seen.calls.filter((call) => call.runId === runId && call.path !== 'after');
const echo = (input: Json) => anAction({ activity: 'test.echo@1', input });

interface LoopOptions {
  readonly concurrency?: number;
  readonly onItemFailure?: 'park' | 'collect' | 'stop';
  readonly step?: ReturnType<typeof anAction>;
  readonly size?: number;
}
const loopOver = (
  count: number,
  { concurrency = 10, onItemFailure = 'park', step = echo('{{ item }}'), size = 10 }: LoopOptions = {},
): Plan =>
  withBatches(
    aPlan({
      steps: {
        each: {
          type: 'forEach',
          items: Array.from({ length: count }, (_, index) => index),
          concurrency,
          onItemFailure,
          result: '{{ loop.index & "/" & loop.count }}',
        },
        send: step,
        // A run that ends with its last batch does its last workflow task twice when the two meet.
        after: anAction({ activity: 'test.nap@1', input: null }),
        done: { type: 'return', output: '{{ steps.each.output }}' },
      },
      edges: ['start -> each', 'each -> after', 'after -> done'],
      frames: { each: ['send'] },
    }),
    size,
  );
const lettersOf = ({ runId }: RunUnderTest) =>
  withSystem(harness.db, (tx) =>
    tx
      .select()
      .from(tables.deadLetters)
      .where(and(eq(tables.deadLetters.runId, runId), isNull(tables.deadLetters.resolvedAt))),
  );

describe('a loop that runs its items in batches', () => {
  it('does each item once, as a step of the run, and gives the results in order', async () => {
    const run = await harness.start(loopOver(35));
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    const { run: row, steps } = await untilStatus(run, 'succeeded');
    expect(row.output).toEqual({
      results: Array.from({ length: 35 }, (_, index) => `${index}/35`),
      count: 35,
      failed: [],
    });
    expect(
      callsOf(run)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(Array.from({ length: 35 }, (_, index) => `each[${index}].send`).toSorted());
    expect(new Set(callsOf(run).map(({ rootRunId }) => rootRunId))).toEqual(new Set([run.runId]));
    const items = await eventually(
      async () => (await run.projection()).steps.filter(({ stepId }) => stepId === 'send'),
      (rows) => rows.length === 35 && rows.every(({ status }) => status === 'succeeded'),
    );
    expect(items.find(({ path }) => path === 'each[34].send')).toMatchObject({ input: 34, status: 'succeeded' });
    expect(steps.find(({ path }) => path === 'each')).toMatchObject({ status: 'succeeded' });
    expect(row.divergedAt).toBeNull();
  });

  it('has its rows back from the histories of run and batches', async () => {
    const run = await harness.start(loopOver(25));
    await run.result();
    const written = await eventually(
      () => run.projection(),
      ({ run: row, steps }) =>
        row.status === 'succeeded' && steps.length === 29 && steps.every(({ status }) => status === 'succeeded'),
    );
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(comparable(written));
    // Nothing is missing any more: the batches are left alone.
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(comparable(written));
  });

  it('an item that parks in a batch is repaired as a step of the run, and the other items go on', async () => {
    const step = anAction({
      activity: 'test.fail@1',
      input: { fix: '{{ item != 13 }}', fixAt: 2 },
      options: retrying(1),
    });
    const run = await harness.start(loopOver(30, { step, concurrency: 3 }));
    await eventually(
      async () =>
        (await run.projection()).steps.filter(({ stepId, status }) => stepId === 'send' && status === 'succeeded'),
      (rows) => rows.length === 29,
    );
    const parked = await untilStatus(run, 'needs_attention');
    expect(await lettersOf(run)).toMatchObject([{ path: 'each[13].send', ordinal: 1, stepId: 'send' }]);
    await dropProjection(harness, run);
    await eventually(
      () => reconcile(harness, run),
      (result) => result === 'equal',
    );
    expect(comparable(await run.projection())).toEqual(comparable(parked));
    expect(await lettersOf(run)).toHaveLength(1);
    expect(await repair(run, 'skipStep', { path: 'each[12].send' })).toMatchObject({ ok: false });
    expect(await repair(run, 'skipStep', { path: 'each[99].send' })).toMatchObject({
      ok: false,
      reason: 'unknown_step',
    });
    expect(
      await repair(run, 'retryStep', { path: 'each[13].send', letter: { path: 'each[13].send', ordinal: 1 } }),
    ).toMatchObject({ ok: true });
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    await untilStatus(run, 'succeeded');
    expect(
      await eventually(
        () => lettersOf(run),
        (rows) => rows.length === 0,
      ),
    ).toEqual([]);
    expect(callsOf(run)).toHaveLength(31);
  });

  it('collects the items that fail, and stops at the first where it is told to', async () => {
    const step = anAction({ activity: 'test.fail@1', input: { fix: '{{ item != 13 }}' }, options: retrying(1) });
    const collecting = await harness.start(loopOver(25, { step, onItemFailure: 'collect' }));
    expect(await collecting.result()).toMatchObject({
      output: { count: 25, failed: [{ index: 13, failure: { name: 'out_of_order' } }] },
    });
    const stopping = await harness.start(loopOver(200, { step, onItemFailure: 'stop', concurrency: 1 }));
    await untilStatus(stopping, 'needs_attention');
    expect(callsOf(stopping)).toHaveLength(14);
    expect(await lettersOf(stopping)).toMatchObject([{ path: 'each' }]);
    await repair(stopping, 'cancelRun');
  });

  it('is cancelled with the run, which ends after its batches', async () => {
    const hang = anAction({ activity: 'test.hang@1', input: {} });
    const run = await harness.start(loopOver(200, { step: hang, concurrency: 60 }));
    await eventually(
      async () => callsOf(run).length,
      (count) => count === 60,
    );
    const asked = Date.now();
    expect(await repair(run, 'cancelRun')).toMatchObject({ ok: true });
    await expect(run.result()).rejects.toThrow();
    expect(Date.now() - asked).toBeLessThan(10_000);
    await untilStatus(run, 'cancelled');
    await eventually(
      async () =>
        (await run.projection()).steps.filter(({ stepId, status }) => stepId === 'send' && status === 'running'),
      (rows) => rows.length === 0,
    );
    expect(callsOf(run)).toHaveLength(60);
    // Temporal's list follows what happens by a moment.
    await eventually(
      async () => {
        const open: string[] = [];
        for await (const each of harness.client.workflow.list({
          query: `WorkflowType = 'runBatch' AND ExecutionStatus = 'Running'`,
        })) {
          if (each.workflowId.startsWith(run.workflowId)) open.push(each.workflowId);
        }
        return open;
      },
      (open) => open.length === 0,
    );
  });

  it('goes on in new histories, of which none grows beyond its limit, and does each of some thousand items once', async () => {
    const count = 2_500;
    const run = await harness.start(loopOver(count, { size: 200, concurrency: 60 }), { historyLimit: 150 });
    const results = Array.from({ length: count }, (_, index) => `${index}/${count}`);
    const bytes = JSON.stringify({ results, count, failed: [] }).length;
    // Put together of what the batches have stored.
    expect(await run.result()).toMatchObject({ status: 'succeeded', outputReference: { bytes } });
    const paths = callsOf(run).map(({ path }) => path);
    expect(paths).toHaveLength(count);
    expect(new Set(paths).size).toBe(count);
    const lengths: number[] = [];
    for await (const { workflowId, historyLength } of harness.client.workflow.list({ pageSize: 500 })) {
      if (workflowId.startsWith(run.workflowId)) lengths.push(historyLength);
    }
    // Each of the 13 batches has several parts, and what is under way when a limit is reached is waited for.
    expect(lengths.length).toBeGreaterThan(2 * 13);
    expect(Math.max(...lengths)).toBeLessThan(600);
  }, 240_000);

  it('stands in another loop, and its items wait for an answer, which reaches them through the run', async () => {
    const plan = withBatches(
      aPlan({
        steps: {
          outer: { type: 'forEach', items: [0, 1, 2], concurrency: 2, onItemFailure: 'collect', result: null },
          inner: { type: 'forEach', items: [0, 1, 2], concurrency: 2, onItemFailure: 'park', result: null },
          ask: {
            type: 'approval',
            subject: null,
            message: null,
            fields: [],
            roles: ['operator'],
            people: [],
            approvals: 1,
            rejections: 1,
            timeout: null,
          },
        },
        edges: ['start -> outer'],
        frames: { outer: ['inner'], inner: ['ask'] },
      }),
      2,
    );
    const run = await harness.start(plan);
    const answered = new Set<string>();
    for (let turn = 0; answered.size < 9; turn += 1) {
      const { steps } = await eventually(
        () => run.projection(),
        ({ steps: all }) => all.some(({ path, status }) => status === 'waiting' && !answered.has(path)),
      );
      for (const { path } of steps.filter(({ path: at, status }) => status === 'waiting' && !answered.has(at))) {
        const reply = await answerApproval(
          harness.client,
          { orgId: harness.orgId, runId: run.runId },
          {
            requestId: randomUUID(),
            by: { ...by, email: null },
            answer: { path, ordinal: 1, decision: 'approved', values: {}, comment: null },
          },
        );
        expect(reply).toMatchObject({ ok: true });
        answered.add(path);
      }
    }
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    await untilStatus(run, 'succeeded');
  });

  it('ends as the run does when an item ends it, and lets a try around it take what fails in it', async () => {
    const failing = anAction({
      activity: 'test.fail@1',
      input: { fix: '{{ item != 13 }}' },
      options: retrying(1),
      onFailure: 'fail',
    });
    const run = await harness.start(loopOver(40, { step: failing }));
    await expect(run.result()).rejects.toThrow();
    const { run: row } = await untilStatus(run, 'failed');
    expect(row.failure).toMatchObject({ name: 'out_of_order' });

    const guarded = await harness.start(
      withBatches(
        aPlan({
          steps: {
            guarded: { type: 'try', catches: null, result: null },
            each: { type: 'forEach', items: [0, 1, 2, 3, 4, 5], concurrency: 2, onItemFailure: 'park', result: null },
            send: anAction({ activity: 'test.fail@1', input: { fix: '{{ item != 3 }}' }, options: retrying(1) }),
            after: echo('caught'),
          },
          edges: ['start -> guarded', 'guarded:caught -> after'],
          frames: { guarded: ['each'], each: ['send'] },
        }),
        2,
      ),
    );
    expect(await guarded.result()).toMatchObject({ status: 'succeeded' });
    const { steps } = await untilStatus(guarded, 'succeeded');
    const statusAt = (path: string) => steps.find((step) => step.path === path)?.status;
    expect([statusAt('guarded'), statusAt('guarded.each'), statusAt('after')]).toEqual([
      'failed',
      'cancelled',
      'succeeded',
    ]);
  });

  it('is not gone over again when the run starts again behind it, and is when it starts again at the loop', async () => {
    const origin = await harness.start(loopOver(25));
    expect(await origin.result()).toMatchObject({ status: 'succeeded' });
    await eventually(
      () => origin.projection(),
      ({ run: row, steps }) =>
        row.status === 'succeeded' && steps.length === 29 && steps.every(({ status }) => status === 'succeeded'),
    );
    const results = Array.from({ length: 25 }, (_, index) => `${index}/25`);

    const behind = await startForkOf(harness, origin, { at: 'after' });
    expect(await behind.result()).toMatchObject({ output: { results, count: 25, failed: [] } });
    expect(callsOf(behind)).toEqual([]);
    const written = await untilStatus(behind, 'succeeded');
    await dropProjection(harness, behind);
    expect(await reconcile(harness, behind)).toBe('equal');
    expect(comparable(await behind.projection())).toEqual(comparable(written));

    const again = await startForkOf(harness, origin, { at: 'each', number: 2 });
    expect(await again.result()).toMatchObject({ output: { results, count: 25, failed: [] } });
    const calls = callsOf(again);
    expect(calls.map(({ path }) => path).toSorted()).toEqual(
      results.map((_, index) => `each[${index}].send`).toSorted(),
    );
    // Effects of their own, of the run that was first.
    expect(new Set(calls.map(({ rootRunId, generation }) => `${rootRunId} ${generation}`))).toEqual(
      new Set([`${origin.runId} ${generationOfFork(2)}`]),
    );
  });

  it('a sub-flow that is terminated when its batch is in another history fails its step', async () => {
    const pause = aPlan({ steps: { pause: { type: 'delay', duration: '1h' } }, edges: ['start -> pause'] });
    const plan = withBatches(
      aPlan({
        steps: {
          each: { type: 'forEach', items: [0, 1, 2], concurrency: 4, onItemFailure: 'park', result: null },
          ship: {
            type: 'subflow',
            plan: { ...pause, flowId: 'flow_2', title: 'Shipping' },
            planHash: 'other',
            trigger: { stepId: 'start', kind: 'trigger.manual' },
            input: null,
            mode: 'wait',
          },
          ...Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, echo('{{ item }}')])),
        },
        edges: ['start -> each', 'a -> b', 'b -> c', 'c -> d'],
        frames: { each: ['ship', 'a', 'b', 'c', 'd'] },
      }),
      2,
    );
    const run = await harness.start(plan, { historyLimit: 20 });
    const batch = harness.client.workflow.getHandle(
      batchWorkflowIdOf(harness.orgId, run.runId, { path: 'each', ordinal: 1, number: 0 }),
    );
    const child = harness.child(run, 'each[1].ship');
    await eventually(
      async () => ({
        steps: (await run.projection()).steps,
        began: (await batch.fetchHistory().catch(() => null))?.events?.[0]?.workflowExecutionStartedEventAttributes,
        ships: await child.projection().catch(() => null),
      }),
      ({ steps, began, ships }) =>
        Boolean(began?.continuedExecutionRunId) &&
        ships?.run.status === 'waiting' &&
        steps.filter(({ stepId, status }) => stepId === 'd' && status === 'succeeded').length === 3,
    );
    await child.handle.terminate('by hand');
    expect(await reconcile(harness, child)).toBe('equal');
    const { steps } = await untilStatus(run, 'needs_attention');
    expect(steps.find(({ path }) => path === 'each[1].ship')).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'terminated', message: expect.stringContaining('by hand') },
    });
    // Once more says nothing new.
    expect(await reconcile(harness, child)).toBe('equal');
    expect(await lettersOf(run)).toMatchObject([{ path: 'each[1].ship', ordinal: 1 }]);
    await repair(run, 'cancelRun');
    await untilStatus(run, 'cancelled');
  });
});
