import { repairRun } from '@everwave/temporal/runs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventNames, eventually, type Harness, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  // Every workflow task replays the whole history: the rare path is the only one.
  harness = await createHarness({ activities, maxCachedWorkflows: 0 });
});
afterAll(() => harness.close());

const echo = (input: object = {}) => anAction({ activity: 'test.echo@1', input: { ...input } as never });
const by = { userId: 'user_1', name: 'Ada', role: 'operator' };

describe('a worker that goes and comes back', () => {
  it('finds a delay as far as it was, variables and earlier outputs in place, and repeats nothing', async () => {
    const run = await harness.start(
      aPlan({
        steps: {
          first: echo({ total: '{{ trigger.total }}' }),
          remember: { type: 'setVariables', variables: { total: '{{ steps.first.output.echoed.total }}' } },
          pause: { type: 'delay', duration: '3s' },
          last: echo({ total: '{{ vars.total }}' }),
          done: { type: 'return', output: '{{ steps.last.output.echoed.total }}' },
        },
        edges: ['start -> first', 'first -> remember', 'remember -> pause', 'pause -> last', 'last -> done'],
      }),
      { trigger: { total: 42 } },
    );
    await untilStatus(run, 'waiting');
    await harness.stopWorker();
    await harness.startWorker();
    expect((await run.result()).output).toBe(42);
    const { run: row } = await untilStatus(run, 'succeeded');
    const took = (row.finishedAt?.getTime() ?? 0) - (row.startedAt?.getTime() ?? 0);
    expect(took).toBeGreaterThanOrEqual(3_000);
    expect(took).toBeLessThan(5_500);
    expect(seen.calls.filter(({ runId }) => runId === run.runId).map(({ path }) => path)).toEqual(['first', 'last']);
  });

  it('finds a run that waits for a person, and takes the repair', async () => {
    const run = await harness.start(
      aPlan({
        steps: { risky: anAction({ activity: 'test.fail@1', options: retrying(1) }) },
        edges: ['start -> risky'],
      }),
    );
    await untilStatus(run, 'needs_attention');
    await harness.stopWorker();
    await harness.startWorker();
    const request = { requestId: run.runId, by, path: 'risky', output: null };
    await repairRun(harness.client, { orgId: harness.orgId, runId: run.runId }, 'completeStep', request);
    expect((await run.result()).status).toBe('succeeded');
  });
});

describe('a worker that keeps fewer runs than it has', () => {
  it('drops those that wait, and each goes on as itself: values, randomness, times, and no step twice', async () => {
    const small = await createHarness({ activities, maxCachedWorkflows: 2 });
    try {
      const luck = '{{ $string($random()) & "@" & $string($millis()) }}';
      const plan = aPlan({
        steps: {
          first: echo({ total: '{{ trigger.total }}' }),
          remember: {
            type: 'setVariables',
            variables: { total: '{{ steps.first.output.echoed.total * 2 }}', luck },
          },
          pause: { type: 'delay', duration: '2s' },
          last: echo({ total: '{{ vars.total + trigger.total }}', luck: '{{ vars.luck }}' }),
          done: { type: 'return', output: '{{ steps.last.output.echoed }}' },
        },
        edges: ['start -> first', 'first -> remember', 'remember -> pause', 'pause -> last', 'last -> done'],
      });
      const totals = [1, 2, 3, 4, 5, 6, 7, 8];
      const runs = await Promise.all(totals.map((total) => small.start(plan, { trigger: { total } })));
      const remembered = await Promise.all(
        runs.map(async (run) => {
          const { steps } = await untilStatus(run, 'waiting');
          const output = steps.find(({ path }) => path === 'remember')?.output as { luck: string } | undefined;
          return output?.luck;
        }),
      );
      expect(remembered).not.toContain(undefined);
      expect(new Set(remembered).size).toBe(runs.length);
      expect(await Promise.all(runs.map((run) => run.result()))).toEqual(
        totals.map((total, index) => ({
          status: 'succeeded',
          output: { total: total * 3, luck: remembered[index] },
        })),
      );
      for (const run of runs) {
        const calls = seen.calls.filter(({ runId }) => runId === run.runId);
        expect(calls.map(({ path }) => path)).toEqual(['first', 'last']);
        const { events } = await run.handle.fetchHistory();
        expect(events?.filter(({ workflowTaskFailedEventAttributes: failed }) => failed)).toEqual([]);
      }
    } finally {
      await small.close();
    }
  });
});

describe('a run with a long history', () => {
  it('goes on in a new one, and loses neither steps nor repairs', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `s${String(index).padStart(2, '0')}`);
    const run = await harness.start(
      aPlan({
        steps: {
          ...Object.fromEntries(names.map((name) => [name, echo({ name })])),
          risky: anAction({ activity: 'test.fail@1', options: retrying(1) }),
          pause: { type: 'delay', duration: '200ms' },
          join: { type: 'merge', policy: { join: 'all' } },
          done: { type: 'return', output: '{{ steps.s11.output.echoed.name }}' },
        },
        edges: [
          'start -> s00',
          ...names.slice(1).map((name, index) => `${names[index]} -> ${name}`),
          'start -> risky',
          'risky -> pause',
          's11 -> join',
          'pause -> join',
          'join -> done',
        ],
      }),
      { historyLimit: 30 },
    );
    await eventually(
      () => run.projection(),
      ({ steps }) => steps.some(({ path, status }) => path === 's11' && status === 'succeeded'),
    );
    const request = { requestId: run.runId, by, path: 'risky', output: null };
    const address = { orgId: harness.orgId, runId: run.runId };
    expect(await repairRun(harness.client, address, 'completeStep', request)).toMatchObject({ ok: true });
    // Answered once more, although the part that answered first may be over.
    expect(await repairRun(harness.client, address, 'completeStep', request)).toMatchObject({
      ok: expect.any(Boolean),
    });
    expect((await run.result()).output).toBe('s11');
    const { run: row, steps } = await untilStatus(run, 'succeeded');
    expect(steps).toHaveLength(names.length + 5);
    expect(new Set(steps.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    expect(seen.calls.filter(({ runId }) => runId === run.runId)).toHaveLength(names.length + 1);
    const events = await eventNames(run);
    expect(row.temporalRunId).not.toBe(run.firstTemporalRunId);
    expect(events.length).toBeLessThan(60);
    expect((await run.handle.describe()).searchAttributes['EverwaveOrg']).toEqual([harness.orgId]);
  });
});
