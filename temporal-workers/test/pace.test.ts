import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, type Harness } from './harness.ts';

// What a server without temporal/src/dynamic-config.yaml cannot do, however idle the machine is. Limits are generous, and
// the best of three counts, because others use the same processor.

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness({ activities: createFakeActivities().activities });
});
afterAll(() => harness.close());

/** Milliseconds from the first event of a run to its last, of the fastest of three. */
const fastest = async (plan: Parameters<Harness['start']>[0]): Promise<number> => {
  const durations: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const run = await harness.start(plan);
    await run.result();
    const { startTime, closeTime } = await run.handle.describe();
    durations.push((closeTime?.getTime() ?? Number.POSITIVE_INFINITY) - startTime.getTime());
  }
  return Math.min(...durations);
};

it('a chain of forty durable steps does not wait for a grid of 50 ms at each hop', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
  const chain = aPlan({
    steps: Object.fromEntries(names.map((name) => [name, anAction({ activity: 'test.echo@1', input: {} })])),
    edges: names.map((name, index) => `${index === 0 ? 'start' : names[index - 1]} -> ${name}`),
  });
  expect(await fastest(chain)).toBeLessThan(40 * 50);
});

it('a delay of 100 ms does not take the second that timers take by default', async () => {
  const delay = aPlan({
    steps: { pause: { type: 'delay', duration: '100ms' } },
    edges: ['start -> pause'],
  });
  const duration = await fastest(delay);
  expect(duration).toBeGreaterThanOrEqual(100);
  expect(duration).toBeLessThan(600);
});
