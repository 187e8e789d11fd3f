import type { Json } from '@everwave/schema/flow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, type Harness, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({
    activities: {
      ...activities,
      'test.large@1': async () => ({ output: { text: 'x'.repeat(1_000_000) } }),
    },
  });
});
afterAll(() => harness.close());

const echo = (input: Json = {}) => anAction({ activity: 'test.echo@1', input });
const large = () => anAction({ activity: 'test.large@1' });
const names = (count: number, prefix = 's') =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);
const callsOf = (runId: string) => seen.calls.filter((call) => call.runId === runId);

describe('a run of great size', () => {
  it('carries many outputs of a megabyte', async () => {
    const ids = names(8);
    const run = await harness.start(
      aPlan({
        steps: { ...Object.fromEntries(ids.map((id) => [id, large()])), last: echo('{{ $length(steps.s007.output.text) }}'), done: { type: 'return', output: '{{ steps.last.output.echoed }}' } },
        edges: [...ids.map((id, index) => `${index === 0 ? 'start' : ids[index - 1]} -> ${id}`), 's007 -> last', 'last -> done'],
      }),
    );
    expect(await run.result()).toEqual({ status: 'succeeded', output: 1_000_000 });
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });

  it('starts two hundred steps with fifty kilobytes each', async () => {
    const ids = names(200);
    const run = await harness.start(
      aPlan({
        steps: { ...Object.fromEntries(ids.map((id) => [id, echo({ text: '{{ trigger.text }}' })])), join: { type: 'merge' } },
        edges: ids.flatMap((id) => [`start -> ${id}`, `${id} -> join`]),
      }),
      { trigger: { text: 'y'.repeat(50_000) } },
    );
    expect((await run.result()).status).toBe('succeeded');
    expect(callsOf(run.runId)).toHaveLength(200);
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });

  it('goes on with a large input after each of many steps that end together', async () => {
    const ids = names(12);
    const run = await harness.start(
      aPlan({
        steps: {
          ...Object.fromEntries(ids.map((id) => [id, { type: 'delay' as const, duration: '1s' }])),
          ...Object.fromEntries(ids.map((id) => [`t${id}`, echo({ text: '{{ trigger.text }}' })])),
        },
        edges: ids.flatMap((id) => [`start -> ${id}`, `${id} -> t${id}`]),
      }),
      { trigger: { text: 'z'.repeat(900_000) } },
    );
    expect((await run.result()).status).toBe('succeeded');
    expect(callsOf(run.runId)).toHaveLength(12);
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });

  it('computes costly expressions after each of many steps that end together', async () => {
    const ids = names(60);
    const run = await harness.start(
      aPlan({
        steps: {
          ...Object.fromEntries(ids.map((id) => [id, { type: 'delay' as const, duration: '1s' }])),
          ...Object.fromEntries(
            ids.map((id) => [`t${id}`, { type: 'setVariables' as const, variables: { [id]: '{{ $count([1..9000].($ * 2)) }}' } }]),
          ),
        },
        edges: ids.flatMap((id) => [`start -> ${id}`, `${id} -> t${id}`]),
      }),
    );
    expect((await run.result()).status).toBe('succeeded');
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });

  it('parks a delay that no timer can hold', async () => {
    const run = await harness.start(
      aPlan({ steps: { pause: { type: 'delay', duration: '999999d' } }, edges: ['start -> pause'] }),
    );
    await untilStatus(run, 'needs_attention');
    await run.handle.terminate();
    void retrying;
  });
});
