import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { scenarios, startScenario } from './scenarios.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const runOf = (name: string): Promise<RunUnderTest> => {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`There is no scenario ${name}.`);
  return startScenario(scenario, harness);
};

const statusesOf = async (run: RunUnderTest) => {
  await untilStatus(run, 'succeeded');
  const { steps } = await run.projection();
  return Object.fromEntries(steps.map(({ path, status }) => [path, status]));
};

/** What happened to activities, in the order of the history: `+` begun, `-` done, `x` cancelled. */
const activitiesOf = async (run: RunUnderTest): Promise<readonly string[]> => {
  const { events } = await run.handle.fetchHistory();
  const names = new Map<string, string>();
  return (events ?? []).flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      names.set(String(event.eventId), String(scheduled.activityId));
      return [`+${scheduled.activityId}`];
    }
    const done = event.activityTaskCompletedEventAttributes;
    const cancelled = event.activityTaskCanceledEventAttributes;
    const begunAt = (done ?? cancelled)?.scheduledEventId;
    return begunAt ? [`${done ? '-' : 'x'}${names.get(String(begunAt))}`] : [];
  });
};

it('a merge of two out of four goes on with the second that arrives, and cancels the others', async () => {
  const run = await runOf('two-of-four');
  expect(await run.result()).toMatchObject({ status: 'succeeded' });
  expect(await statusesOf(run)).toMatchObject({
    quick: 'succeeded',
    slow: 'succeeded',
    stuck: 'cancelled',
    pause: 'cancelled',
    two: 'succeeded',
    after: 'succeeded',
  });
  const happened = await activitiesOf(run);
  expect(happened.slice(0, 3)).toEqual(['+quick', '+slow', '+stuck']);
  expect(happened.slice(3, 5).toSorted()).toEqual(['-quick', '-slow']);
  expect(happened[5]).toBe('+after');
  expect(happened.slice(6).toSorted()).toEqual(['-after', 'xstuck']);
  expect(seen.cancelled).toContain('stuck');
});

it('a merge that lets the others go on does so once, and the run waits for what comes late', async () => {
  const run = await runOf('two-of-three-others-go-on');
  expect(await run.result()).toMatchObject({ status: 'succeeded' });
  const happened = await activitiesOf(run);
  expect(happened.slice(2, 4).toSorted()).toEqual(['-quick', '-slow']);
  expect(happened.slice(4)).toEqual(['+after', '-after', '+late', '-late']);
  expect(new Set(Object.values(await statusesOf(run)))).toEqual(new Set(['succeeded']));
});

it('a stop as succeeded ends the run with what it gives, and cancels what is under way', async () => {
  const run = await runOf('stop-as-succeeded');
  expect(await run.result()).toMatchObject({ status: 'succeeded', output: { greeted: 'Ada' } });
  expect((await run.handle.describe()).status.name).toBe('COMPLETED');
  expect(await statusesOf(run)).toMatchObject({
    first: 'succeeded',
    end: 'succeeded',
    stuck: 'cancelled',
    never: 'skipped',
  });
  expect(await activitiesOf(run)).not.toContain('+never');
});
