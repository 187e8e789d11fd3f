import type { Json } from '@everwave/schema/flow';
import type { RunFlowResult } from '@everwave/schema/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, type Harness, type RunUnderTest, untilStatus } from './harness.ts';

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

/** The result, or what stands in the way. */
const settled = async (run: RunUnderTest) => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), 40_000);
  });
  const result = await Promise.race([run.result().catch((error: unknown) => String((error as Error).cause)), late]);
  clearTimeout(timer);
  if (result !== 'late') return result as RunFlowResult;
  const { events } = await run.handle.fetchHistory();
  const failures = (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed
      ? [
          JSON.stringify({
            c: failed.cause,
            m: failed.failure?.message,
            s: failed.failure?.applicationFailureInfo?.type,
          }),
        ]
      : [],
  );
  const names = await eventNames(run);
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  await run.handle.terminate('too late');
  throw new Error(
    `Not settled: ${JSON.stringify(counts)} ${[...new Set(failures)].join('\n')} ${names.slice(-5).join()}`,
  );
};

describe('a run of great size', () => {
  it('carries many outputs of a megabyte', async () => {
    const ids = names(8);
    const run = await harness.start(
      aPlan({
        steps: {
          ...Object.fromEntries(ids.map((id) => [id, large()])),
          last: echo('{{ $length(steps.s007.output.text) }}'),
          done: { type: 'return', output: '{{ steps.last.output.echoed }}' },
        },
        edges: [
          ...ids.map((id, index) => `${index === 0 ? 'start' : ids[index - 1]} -> ${id}`),
          's007 -> last',
          'last -> done',
        ],
      }),
    );
    expect(await settled(run)).toEqual({ status: 'succeeded', output: 1_000_000 });
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });

  it('starts two hundred steps with fifty kilobytes each', async () => {
    const ids = names(200);
    const run = await harness.start(
      aPlan({
        steps: {
          ...Object.fromEntries(ids.map((id) => [id, echo({ text: '{{ trigger.text }}' })])),
          join: { type: 'merge', policy: { join: 'all' } },
        },
        edges: ids.flatMap((id) => [`start -> ${id}`, `${id} -> join`]),
      }),
      { trigger: { text: 'y'.repeat(50_000) } },
    );
    expect((await settled(run)).status).toBe('succeeded');
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
    expect((await settled(run)).status).toBe('succeeded');
    expect(callsOf(run.runId)).toHaveLength(12);
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });

  it('computes costly expressions after each of many steps that end together', async () => {
    const ids = names(24);
    const run = await harness.start(
      aPlan({
        steps: {
          ...Object.fromEntries(ids.map((id) => [id, { type: 'delay' as const, duration: '1s' }])),
          ...Object.fromEntries(
            ids.map((id) => [
              `t${id}`,
              { type: 'setVariables' as const, variables: { [id]: '{{ $count([1..9000].($ * 2)) }}' } },
            ]),
          ),
        },
        edges: ids.flatMap((id) => [`start -> ${id}`, `${id} -> t${id}`]),
      }),
    );
    expect((await settled(run)).status).toBe('succeeded');
    expect(await eventNames(run)).not.toContain('workflowTaskFailed');
  });

  it('parks a delay that no timer can hold', async () => {
    const run = await harness.start(
      aPlan({ steps: { pause: { type: 'delay', duration: '999999d' } }, edges: ['start -> pause'] }),
    );
    await untilStatus(run, 'needs_attention').catch(() => settled(run));
    await run.handle.terminate();
  });
});
