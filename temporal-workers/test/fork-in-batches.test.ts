import { generationOfFork, type Json, type Plan } from '@everwave/schema/flow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../schema/src/interpreter/testing/with-batches.ts';
import { createFakeActivities } from './fake-activities.ts';
import { seqOf, startForkOf } from './fork-of.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const echo = (input: Json) => anAction({ activity: 'test.echo@1', input });
const generation = generationOfFork(1);

interface LoopOptions {
  readonly put?: ReturnType<typeof echo>;
  readonly result?: string;
}

const loopOver = (
  count: number,
  size: number,
  { put = echo('{{ "put " & steps.get.output.echoed }}'), result = '{{ steps.put.output.echoed }}' }: LoopOptions = {},
): Plan =>
  withBatches(
    aPlan({
      steps: {
        each: {
          type: 'forEach',
          items: Array.from({ length: count }, (_, index) => index),
          concurrency: 50,
          onItemFailure: 'park',
          result,
        },
        get: echo('{{ item }}'),
        put,
        // A run that ends with its last batch does its last workflow task twice when the two meet.
        after: anAction({ activity: 'test.nap@1', input: '{{ steps.each.output.results[7] }}' }),
        done: { type: 'return', output: '{{ steps.each.output.results[[7, 8, 999]] }}' },
      },
      edges: ['start -> each', 'get -> put', 'each -> after', 'after -> done'],
      frames: { each: ['get', 'put'] },
    }),
    size,
  );

/** What was done upstream. */
const callsOf = ({ runId }: RunUnderTest) =>
  seen.calls
    .filter((call) => call.runId === runId)
    .map(({ path, generation: used, rootRunId, input }) => ({ path, generation: used, rootRunId, input }));

const batchesOf = async ({ workflowId }: RunUnderTest): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const each of harness.client.workflow.list({ query: `WorkflowType = 'runBatch'` })) {
    if (each.workflowId.startsWith(`${workflowId}/`)) found.push(each.workflowId.slice(workflowId.length + 1));
  }
  return found;
};

const openBatchesOf = async ({ workflowId }: RunUnderTest): Promise<readonly string[]> => {
  const query = `WorkflowType = 'runBatch' AND ExecutionStatus = 'Running'`;
  const found: string[] = [];
  for await (const each of harness.client.workflow.list({ query })) {
    if (each.workflowId.startsWith(`${workflowId}/`)) found.push(each.workflowId);
  }
  return found;
};

/** Until all that it has done stands in the projection. */
const settled = (run: RunUnderTest, steps: number) =>
  eventually(
    () => run.projection(),
    (known) =>
      known.run.status === 'succeeded' &&
      known.steps.length === steps &&
      known.steps.every(({ status }) => status === 'succeeded'),
  );

describe('a run with a loop over 1,000 items in batches that is started again in one of them', () => {
  const plan = loopOver(1_000, 200);
  let origin: RunUnderTest;

  beforeAll(async () => {
    origin = await harness.start(plan);
    await origin.result();
    await settled(origin, 2_004);
  }, 240_000);

  it('runs that item again from the step on, with an edited output, and what is behind the loop: nothing else', async () => {
    expect(callsOf(origin)).toHaveLength(2_001);
    const outputs = { 'each[7].get': { echoed: 'edited' } };
    const fork = await startForkOf(harness, origin, { at: 'each[7].put', outputs });
    expect(await fork.result()).toMatchObject({ output: ['put edited', 'put 8', 'put 999'] });
    const { runId: rootRunId } = origin;
    expect(callsOf(fork)).toEqual([
      { path: 'each[7].put', generation, rootRunId, input: 'put edited' },
      { path: 'after', generation, rootRunId, input: 'put edited' },
    ]);
    expect(callsOf(origin)).toHaveLength(2_001);
    expect(await batchesOf(fork)).toEqual([expect.stringContaining('each')]);

    const written = await settled(fork, 2_004);
    expect(written.run.divergedAt).toBeNull();
    await dropProjection(harness, fork);
    await reconcile(harness, fork);
    expect(comparable(await fork.projection())).toEqual(comparable(written));
  }, 120_000);

  it('does so under another version, in which the step is another one', async () => {
    const newer = { ...loopOver(1_000, 200), flowVersion: 2 };
    const put = { ...newer.steps['put'], input: '{{ "newer " & steps.get.output.echoed }}' } as Plan['steps'][string];
    const fork = await startForkOf(harness, origin, {
      at: 'each[999].put',
      plan: { ...newer, steps: { ...newer.steps, put } },
      number: 2,
    });
    expect(await fork.result()).toMatchObject({ output: ['put 7', 'put 8', 'newer 999'] });
    expect(callsOf(fork).map(({ path, generation: used }) => [path, used])).toEqual([
      ['each[999].put', generationOfFork(2)],
      ['after', generationOfFork(2)],
    ]);
  }, 120_000);

  it('is started again once more: what the first fork did stands', async () => {
    const first = await startForkOf(harness, origin, { at: 'each[7].put', number: 3 });
    await first.result();
    await settled(first, 2_004);
    const second = await startForkOf(harness, first, { at: 'each[8].get', input: 'by hand', number: 4 });
    expect(await second.result()).toMatchObject({ output: ['put 7', 'put by hand', 'put 999'] });
    expect(callsOf(second).map(({ path, generation: used }) => [path, used])).toEqual([
      ['each[8].get', generationOfFork(4) + 1],
      ['each[8].put', generationOfFork(4)],
      ['after', generationOfFork(4)],
    ]);
  }, 120_000);

  it('says why not, where the item or the step is not there', async () => {
    const fork = await startForkOf(harness, origin, { at: 'each[1000].put', number: 5 });
    const { run } = await untilStatus(fork, 'failed');
    expect(run.failure).toMatchObject({ name: 'fork_refused', message: expect.stringContaining('iteration 1000') });
  });
});

describe('a run that waits for a person in a batch, and is started again in that item', () => {
  const failing = anAction({ activity: 'test.fail@1', input: { fix: '{{ item != 13 }}' }, options: retrying(1) });
  const plan = loopOver(30, 10, { put: failing, result: '{{ item }}' });

  it('ends with its batches, and the fork does that item and what is behind the loop: nothing else', async () => {
    const origin = await harness.start(plan);
    const statuses = async () => {
      const { run, steps } = await origin.projection();
      return [run.status, ...steps.filter(({ stepId }) => stepId === 'put').map(({ status }) => status)];
    };
    await eventually(
      statuses,
      ([status, ...puts]) => status === 'needs_attention' && puts.filter((put) => put === 'succeeded').length === 29,
    );
    expect(callsOf(origin)).toHaveLength(60);
    const originSeq = await seqOf(harness, origin);

    const fork = await startForkOf(harness, origin, { at: 'each[13].put', input: { fix: true }, originSeq });
    expect(await fork.result()).toMatchObject({ status: 'succeeded' });
    expect(callsOf(fork).map(({ path, generation: used, input }) => ({ path, used, input }))).toEqual([
      { path: 'each[13].put', used: generation + 1, input: { fix: true } },
      { path: 'after', used: generation, input: 7 },
    ]);
    expect(callsOf(origin)).toHaveLength(60);
    expect(await batchesOf(fork)).toEqual([expect.stringContaining('each')]);

    const left = await untilStatus(origin, 'superseded');
    expect(left.run.supersededByRunId).toBe(fork.runId);
    await eventually(
      () => openBatchesOf(origin),
      (open) => open.length === 0,
    );
    await dropProjection(harness, origin);
    expect(await reconcile(harness, origin)).toBe('equal');
    expect(comparable(await origin.projection())).toEqual(comparable(left));
    const written = await settled(fork, 64);
    await dropProjection(harness, fork);
    expect(await reconcile(harness, fork)).toBe('equal');
    expect(comparable(await fork.projection())).toEqual(comparable(written));
  }, 120_000);

  it('is left as it is where the fork cannot begin there', async () => {
    const origin = await harness.start(plan);
    await untilStatus(origin, 'needs_attention');
    const fork = await startForkOf(harness, origin, { at: 'each[13].put', originSeq: 1, number: 2 });
    const { run } = await untilStatus(fork, 'failed');
    expect(run.failure).toMatchObject({ name: 'fork_refused', message: expect.stringContaining('gone on meanwhile') });
    expect((await origin.projection()).run.status).toBe('needs_attention');
    await origin.handle.cancel();
    await untilStatus(origin, 'cancelled');
  }, 120_000);
});
