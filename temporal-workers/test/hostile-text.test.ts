import type { ActivityInput } from '@everwave/schema/run';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createHarness, type Harness, untilStatus } from './harness.ts';

/** Refuses with the words it was given, as services do. */
const refuse = ({ input }: ActivityInput): Promise<never> => {
  const { words } = input as { words: string };
  const failure = { name: 'refused', message: words, attempt: 1 };
  throw ApplicationFailure.create({ type: 'refused', message: words, nonRetryable: true, details: [failure] });
};

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness({ activities: { 'test.refuse@1': refuse } });
});
afterAll(() => harness.close());

const plan = aPlan({
  steps: { send: anAction({ activity: 'test.refuse@1', input: { words: '{{ trigger.words }}' } }) },
  edges: ['start -> send'],
});

describe('a failure in words that Postgres cannot keep', () => {
  it.each([
    ['a NUL', 'no \0 such user', 'no \u{fffd} such user'],
    ['half a pair of surrogates', 'no \ud83d such user', 'no \u{fffd} such user'],
  ])('is shown without %s, and the run still asks for a person', async (_what, words, shown) => {
    const run = await harness.start(plan, { trigger: { words } });
    await untilStatus(run, 'needs_attention');
    const { steps } = await run.projection();
    expect(steps.find(({ path }) => path === 'send')?.failure).toMatchObject({ name: 'refused', message: shown });
    await run.handle.terminate();
  });
});
