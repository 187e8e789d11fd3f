import { openPayload } from '@everwave/temporal/codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tables, withSystem } from '@everwave/schema/db';
import { expressLimits } from '@everwave/schema/run';
import { asc, eq } from 'drizzle-orm';
import { effectKeyOf } from '../../activities/src/runtime/effects.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;
let forgetful: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
  // Every workflow task replays the whole history.
  forgetful = await createHarness({ activities, maxCachedWorkflows: 0 });
});
afterAll(async () => {
  await harness.close();
  await forgetful.close();
});

const fast = (input: object = {}, changes: Parameters<typeof anAction>[0] = {}) =>
  anAction({ activity: 'test.echo@1', input: { ...input } as never, lane: 'express', ...changes });
const only = (step: ReturnType<typeof anAction>) => aPlan({ steps: { step }, edges: ['start -> step'] });
const chain = (names: readonly string[], step = fast()) =>
  aPlan({
    steps: Object.fromEntries(names.map((name) => [name, step])),
    edges: names.map((name, index) => `${index === 0 ? 'start' : names[index - 1]} -> ${name}`),
  });
const attemptsOf = ({ db }: Harness, { runId }: RunUnderTest) =>
  withSystem(db, (tx) =>
    tx
      .select({ attempt: tables.runAttempts.attempt, status: tables.runAttempts.status })
      .from(tables.runAttempts)
      .where(eq(tables.runAttempts.runId, runId))
      .orderBy(asc(tables.runAttempts.attempt)),
  );
const callsOf = (run: RunUnderTest) => seen.calls.filter(({ runId }) => runId === run.runId);

describe('an express run', () => {
  it('costs one event per step, and seven for the run', async () => {
    const run = await harness.start(chain(['a', 'b', 'c', 'd', 'e']));
    await run.result();
    const names = await eventNames(run);
    expect(names.filter((name) => name === 'markerRecorded')).toHaveLength(5);
    expect(names.filter((name) => name === 'workflowTaskStarted')).toHaveLength(1);
    expect(names).toHaveLength(5 + 7);
  });

  it('shows each step in Temporal by its title', async () => {
    const run = await harness.start(only(fast({}, { title: 'Fetch the customer' })));
    await run.result();
    const { events } = await run.handle.fetchHistory();
    const marker = events?.find(({ markerRecordedEventAttributes }) => markerRecordedEventAttributes);
    const summary = await openPayload(harness.ring, marker?.userMetadata?.summary ?? {});
    expect(Buffer.from(summary?.data ?? []).toString()).toBe('"Fetch the customer"');
  });

  it('has the projection of a durable one: steps, inputs, attempts', async () => {
    const run = await harness.start(only(fast({ total: 3 })));
    await run.result();
    const { run: row, steps } = await untilStatus(run, 'succeeded');
    expect(row.temporalRunId).toBe(run.firstTemporalRunId);
    expect(steps.find(({ path }) => path === 'step')).toMatchObject({ input: { total: 3 }, attempts: 1 });
    expect(await attemptsOf(harness, run)).toEqual([{ attempt: 1, status: 'succeeded' }]);
  });

  it('keeps time: a step that takes a second moves the clock of the next by a second', async () => {
    const run = await harness.start(chain(['a', 'b'], fast({ sleep: 1_000 })));
    await run.result();
    const { steps } = await untilStatus(run, 'succeeded');
    const startOf = (path: string) => steps.find((step) => step.path === path)?.startedAt?.getTime() ?? 0;
    expect(startOf('b') - startOf('a')).toBeGreaterThanOrEqual(950);
  });

  it('does many steps at once, no more than the lane holds, and all of them', async () => {
    const names = Array.from({ length: expressLimits.atOnce + 15 }, (_, index) => `s${index}`);
    const plan = aPlan({
      steps: Object.fromEntries(names.map((name) => [name, fast({ sleep: 30 })])),
      edges: names.map((name) => `start -> ${name}`),
    });
    const run = await harness.start(plan);
    expect((await run.result()).status).toBe('succeeded');
    expect(callsOf(run)).toHaveLength(names.length);
  });

  it('is replayed in parts: a cache that forgets changes nothing, and repeats no step', async () => {
    const plan = aPlan({
      steps: {
        first: fast(),
        durable: anAction({ activity: 'test.echo@1' }),
        left: fast({ sleep: 80 }),
        right: fast({ sleep: 20 }),
        after: fast(),
        pause: { type: 'delay', duration: '60ms' },
        last: fast(),
      },
      edges: [
        'start -> first',
        'first -> durable',
        'durable -> left',
        'durable -> right',
        'right -> after',
        'after -> pause',
        'left -> last',
      ],
    });
    const run = await forgetful.start(plan);
    expect((await run.result()).status).toBe('succeeded');
    expect(
      callsOf(run)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['after', 'durable', 'first', 'last', 'left', 'right']);
  });
});

describe('a step leaves the express lane', () => {
  const inHistory = async (run: RunUnderTest) =>
    (await eventNames(run)).filter((name) => name === 'activityTaskScheduled').length;

  it('when it takes longer than the lane allows; the durable attempt has the same effect key', async () => {
    const run = await harness.start(only(fast({ sleep: expressLimits.attempt + 400 })));
    expect((await run.result()).status).toBe('succeeded');
    expect(await inHistory(run)).toBe(1);
    const keys = new Set(callsOf(run).map(effectKeyOf));
    expect([callsOf(run).length, keys.size]).toEqual([2, 1]);
    await untilStatus(run, 'succeeded');
    expect(await attemptsOf(harness, run)).toEqual([
      { attempt: 1, status: 'deferred' },
      { attempt: 2, status: 'succeeded' },
    ]);
  }, 30_000);

  it('when its next attempt is seconds away, and counts on', async () => {
    const step = fast({ retryIn: 3_200 }, { activity: 'test.fail@1', options: retrying(2), onFailure: 'fail' });
    const run = await harness.start(only(step));
    await run.result().catch(() => 'it fails');
    const { steps } = await untilStatus(run, 'failed');
    expect(await inHistory(run)).toBe(1);
    expect(await attemptsOf(harness, run)).toEqual([
      { attempt: 1, status: 'failed' },
      { attempt: 2, status: 'failed' },
    ]);
    expect(steps.find(({ path }) => path === 'step')).toMatchObject({ status: 'failed', attempts: 2 });
  }, 30_000);

  it('when it returns more than the lane carries', async () => {
    const run = await harness.start(only(fast({ text: 'x'.repeat(expressLimits.output) })));
    expect((await run.result()).status).toBe('succeeded');
    expect(await inHistory(run)).toBe(1);
  });

  it('when the provider asks to wait; no attempt overwrites another', async () => {
    const run = await harness.start(only(fast({}, { activity: 'test.defer@1' })));
    await run.result();
    await untilStatus(run, 'succeeded');
    expect(await inHistory(run)).toBe(1);
    expect(await attemptsOf(harness, run)).toEqual([
      { attempt: 1, status: 'deferred' },
      { attempt: 2, status: 'succeeded' },
    ]);
  });
});

describe('cancelling an express run', () => {
  it('reaches the step that is under way when Temporal hears of the run again', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `s${String(index).padStart(2, '0')}`);
    const run = await harness.start(chain(names, fast({}, { activity: 'test.nap@1' })));
    await eventually(
      async () => callsOf(run).length,
      (count) => count > 0,
    );
    await run.handle.cancel();
    await expect(run.result()).rejects.toThrow('cancelled');
    const { steps } = await untilStatus(run, 'cancelled');
    const statuses = steps.map(({ status }) => status);
    expect(statuses.filter((status) => status === 'cancelled')).toHaveLength(1);
    expect(statuses).toContain('skipped');
  }, 40_000);
});
