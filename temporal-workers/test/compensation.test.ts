import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
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

/** The undo steps that ran, in order, by path and ordinal, each with what it read. */
const undone = ({ runId }: RunUnderTest) =>
  seen.calls
    .filter((call) => call.runId === runId && call.path.slice(call.path.lastIndexOf('.') + 1).startsWith('un'))
    .map(({ path, ordinal, input }) => `${path}~${ordinal} ${String((input as { gave?: unknown }).gave)}`);

describe('a run whose third of four steps fails', () => {
  it('undoes the two that were done, each once, the last first, and then fails with what made it fail', async () => {
    const run = await runOf('compensation');
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'out_of_order' } });
    expect(undone(run)).toEqual(['unb~1 b', 'una~1 a']);
    const { run: row, steps } = await untilStatus(run, 'failed');
    expect(row.failure).toMatchObject({ name: 'out_of_order' });
    expect(
      steps.filter(({ stepId }) => stepId.startsWith('un')).map(({ path, status }) => `${path} ${status}`),
    ).toEqual(['una succeeded', 'unb succeeded', 'und skipped']);
  });

  it('does so across histories', async () => {
    const run = await runOf('compensation-continues-as-new');
    await run.result().catch(() => 'it fails');
    expect(undone(run)).toEqual(['unb~1 b', 'una~1 a']);
    const { run: row } = await untilStatus(run, 'failed');
    expect(row.temporalRunId).not.toBe(run.firstTemporalRunId);
  });

  it('waits for a person at an undo step that fails, and goes on from there', async () => {
    const run = await runOf('compensation-parked');
    await run.result().catch(() => 'it fails');
    expect(undone(run)).toEqual(['unb~1 b', 'unb~2 b', 'una~1 a']);
    expect((await untilStatus(run, 'failed')).run.failure).toMatchObject({ name: 'out_of_order' });
  });
});

it('a try that fails undoes what was done in it, and the run later what was done in a loop that had ended', async () => {
  const run = await runOf('compensation-of-frames');
  await run.result().catch(() => 'it fails');
  expect(undone(run)[0]).toBe('guarded.uninner~1 inner');
  expect(undone(run).slice(1).toSorted()).toEqual(['each[0].unreserve~1 reserve', 'each[1].unreserve~1 reserve']);
  await untilStatus(run, 'failed');
});

it('a run that is cancelled undoes what it did, and then counts as cancelled in Temporal too', async () => {
  const run = await runOf('compensation-on-cancel');
  await run.result().catch(() => 'it is cancelled');
  expect(undone(run)).toEqual(['una~1 a']);
  expect((await run.handle.describe()).status.name).toBe('CANCELLED');
  await untilStatus(run, 'cancelled');
});
