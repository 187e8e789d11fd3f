import type { Plan } from '@everwave/schema/flow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
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

const pathsOf = (run: RunUnderTest) =>
  seen.calls
    .filter(({ runId }) => runId === run.runId)
    .map(({ path, ordinal }) => (ordinal > 1 ? `${path}~${ordinal}` : path));

const activityIdsOf = async (run: RunUnderTest): Promise<readonly string[]> => {
  const { events } = await run.handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityId ? [scheduled.activityId] : [],
  );
};

describe('a loop over items on Temporal', () => {
  it('gives results in the order of the items, lists those that failed, and names each activity by its place', async () => {
    const run = await runOf('for-each');
    expect(await run.result()).toMatchObject({
      status: 'succeeded',
      output: {
        count: 4,
        results: [expect.anything(), null, expect.anything(), expect.anything()],
        failed: [{ index: 1, failure: { name: 'out_of_order' } }],
      },
    });
    const ids = await activityIdsOf(run);
    expect(ids.toSorted()).toEqual(
      [
        'each[0].get',
        'each[0].put',
        'each[1].get',
        'each[2].get',
        'each[2].put',
        'each[3].get',
        'each[3].put',
      ].toSorted(),
    );
    await untilStatus(run, 'succeeded');
    const { steps } = await run.projection();
    expect(steps.find(({ path }) => path === 'each[1].put')?.status).toBe('skipped');
    expect(steps.find(({ path }) => path === 'each[2].put')).toMatchObject({ stepId: 'put', status: 'succeeded' });
  });

  it('waits at the one item that failed, and runs nothing else again when that is repaired', async () => {
    const run = await runOf('for-each-parked-item');
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    expect(
      pathsOf(run)
        .filter((path) => path !== 'each[1].risky')
        .toSorted(),
    ).toEqual(['after', 'each[0].risky', 'each[1].risky~2', 'each[2].risky']);
  });

  it('goes on where it was when its worker is replaced in the middle', async () => {
    const plan: Plan = scenarios['for-each']!.plan;
    const run = await harness.start(plan, { trigger: { items: Array.from({ length: 12 }, (_, at) => `i${at}`) } });
    await new Promise((resolve) => setTimeout(resolve, 150));
    await harness.stopWorker();
    await harness.startWorker();
    expect(await run.result()).toMatchObject({ status: 'succeeded', output: { count: 12, failed: [] } });
    const paths = pathsOf(run);
    expect(new Set(paths).size).toBe(24);
  });
});

describe('a try on Temporal', () => {
  it('cancels what runs beside the failure, tidies up, and goes the other way', async () => {
    const run = await runOf('try-catch-finally');
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    expect(pathsOf(run).at(-1)).toBe('told');
    expect(pathsOf(run)).toContain('guarded.tidy.unlock');
  });

  it('tidies up when the run is cancelled, and then counts as cancelled in Temporal too', async () => {
    const run = await runOf('cancel-runs-finally');
    await expect(run.result()).rejects.toThrow();
    expect((await run.handle.describe()).status.name).toBe('CANCELLED');
    expect(pathsOf(run)).toContain('guarded.tidy.unlock');
  });
});

describe('a time limit on Temporal', () => {
  it('cancels what runs in its frame, undoes what was done there, and goes the other way', async () => {
    const run = await runOf('time-limit');
    expect(await run.result()).toMatchObject({ status: 'succeeded' });
    expect(pathsOf(run)).toEqual(['guarded.a', 'guarded.stuck', 'guarded.una', 'told']);
    expect(seen.cancelled).toContain('guarded.stuck');
    expect(seen.calls.findLast(({ runId }) => runId === run.runId)?.input).toBe('timed_out');
  });
});

it.each(['for-each', 'for-each-parked-item', 'while', 'try-catch-finally', 'first-of-two', 'express-for-each'])(
  'a dropped projection of %s is rebuilt from history: the same rows',
  async (name) => {
    const run = await runOf(name);
    await run.result();
    await untilStatus(run, 'succeeded');
    const before = comparable(await run.projection());
    await dropProjection(harness, run);
    expect(await reconcile(harness, run)).toBe('equal');
    expect(comparable(await run.projection())).toEqual(before);
  },
);
