import { randomUUID } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { hostLimits } from '@everwave/schema/run';
import { repairRun } from '@everwave/temporal/runs';
import { and, eq, isNotNull } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, eventually, type Harness, type RunUnderTest, untilStatus } from './harness.ts';
import { retrying } from './plans.ts';
import { comparable, dropProjection, reconcile } from './rebuild.ts';

const { activities, seen } = createFakeActivities();
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness({ activities });
});
afterAll(() => harness.close());

const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
const fast = (input: object = {}, changes: Parameters<typeof anAction>[0] = {}) =>
  anAction({ activity: 'test.echo@1', input: { ...input } as never, lane: 'express', ...changes });
const short = aPlan({
  steps: {
    first: fast({ number: '{{ trigger.number }}' }),
    second: fast({ number: '{{ steps.first.output.echoed.number + 1 }}' }),
    done: { type: 'return', output: '{{ steps.second.output.echoed.number }}' },
  },
  edges: ['start -> first', 'first -> second', 'second -> done'],
});
/** The run with the number 2 fails in its second step until it is repaired. */
const fragile = aPlan({
  steps: {
    first: fast({ number: '{{ trigger.number }}' }),
    risky: fast(
      { fix: '{{ trigger.number != 2 }}' },
      { activity: 'test.fail@1', options: retrying(1), idempotency: 'provider-key' },
    ),
    last: fast({ number: '{{ steps.first.output.echoed.number }}' }),
    done: { type: 'return', output: '{{ steps.last.output.echoed.number }}' },
  },
  edges: ['start -> first', 'first -> risky', 'risky -> last', 'last -> done'],
});
const numbers = (count: number) => Array.from({ length: count }, (_, number) => ({ number }));
const callsOf = ({ runId }: RunUnderTest) => seen.calls.filter((call) => call.runId === runId).map(({ path }) => path);
const eventsOf = async (host: { readonly handle: { fetchHistory(): Promise<{ events?: unknown[] | null }> } }) =>
  ((await host.handle.fetchHistory()).events ?? []).length;
const rebuilt = async (run: RunUnderTest) => {
  await dropProjection(harness, run);
  return reconcile(harness, run);
};

describe('a host', () => {
  it('advances many runs in one workflow: each has its row, its steps and its output', async () => {
    const host = await harness.startHost(short, numbers(hostLimits.runs));
    expect(await host.result()).toEqual({ ended: hostLimits.runs, ejected: 0 });
    for (const [number, run] of host.runs.entries()) {
      const { run: row, steps } = await untilStatus(run, 'succeeded');
      expect(row).toMatchObject({
        output: number + 1,
        hostWorkflowId: host.workflowId,
        temporalRunId: host.firstTemporalRunId,
      });
      expect(steps.map(({ path, status }) => [path, status])).toEqual([
        ['done', 'succeeded'],
        ['first', 'succeeded'],
        ['second', 'succeeded'],
        ['start', 'succeeded'],
      ]);
      expect(callsOf(run)).toEqual(['first', 'second']);
    }
    expect(await eventsOf(host)).toBeLessThan(2 * hostLimits.runs + 20);
  }, 60_000);

  it('uses the effect keys that each run would have alone', async () => {
    const host = await harness.startHost(short, numbers(2));
    await host.result();
    const calls = seen.calls.filter(({ runId }) => host.runs.some((run) => run.runId === runId));
    expect(new Set(calls.map(({ rootRunId, runId }) => rootRunId === runId))).toEqual(new Set([true]));
    expect(new Set(calls.map(({ generation, ordinal }) => `${generation}.${ordinal}`))).toEqual(new Set(['1.1']));
  });

  it('gives back its rows to a projection that was dropped', async () => {
    const host = await harness.startHost(short, numbers(3));
    await host.result();
    for (const run of host.runs) {
      const before = comparable(await untilStatus(run, 'succeeded'));
      expect(await rebuilt(run)).toBe('equal');
      expect(comparable(await run.projection())).toEqual(before);
    }
  });

  it('lets a run that is parked go on by itself; repaired, it repeats nothing', async () => {
    const host = await harness.startHost(fragile, [{ number: 1 }, { number: 2 }, { number: 3 }]);
    expect(await host.result()).toEqual({ ended: 2, ejected: 1 });
    const [one, parked, three] = host.runs as [RunUnderTest, RunUnderTest, RunUnderTest];
    await untilStatus(one, 'succeeded');
    await untilStatus(three, 'succeeded');
    const { run: row } = await eventually(
      () => parked.projection(),
      (projected) => projected.run.status === 'needs_attention' && projected.run.hostWorkflowId === null,
    );
    expect(row.temporalRunId).toBe((await parked.handle.describe()).runId);
    const found = await parked.handle.describe();
    expect(found.searchAttributes).toMatchObject({
      EverwaveStatus: ['needs_attention'],
      EverwaveFailingStep: ['risky'],
      EverwaveFlow: ['flow_1'],
    });

    const request = { requestId: randomUUID(), by, path: 'risky', input: { fix: true } };
    const address = { orgId: harness.orgId, runId: parked.runId };
    expect(await repairRun(harness.client, address, 'retryStep', request)).toMatchObject({ ok: true });
    expect((await parked.result()).output).toBe(2);
    expect(callsOf(parked)).toEqual(['first', 'risky', 'risky', 'last']);
    const before = comparable(await untilStatus(parked, 'succeeded'));
    expect(await rebuilt(parked)).toBe('equal');
    expect(comparable(await parked.projection())).toEqual(before);
  }, 30_000);

  it('ejects what waits, what needs a durable step and what takes too long, and each ends', async () => {
    const plan = aPlan({
      steps: {
        kind: {
          type: 'switch',
          value: '{{ trigger.kind }}',
          cases: ['waits', 'durable', 'slow'].map((port) => ({ port, equals: port })),
        },
        waits: { type: 'delay', duration: '80ms' },
        durable: anAction({ activity: 'test.echo@1' }),
        slow: fast({ sleep: 4_300 }),
        last: fast(),
        left: fast({ sleep: 400 }),
        right: anAction({ activity: 'test.echo@1' }),
      },
      edges: [
        'start -> kind',
        'kind:waits -> waits',
        'kind:durable -> durable',
        'kind:slow -> slow',
        'kind:default -> last',
        'kind:durable -> left',
        'kind:durable -> right',
      ],
    });
    const host = await harness.startHost(
      plan,
      ['waits', 'durable', 'slow', 'none'].map((kind) => ({ kind })),
    );
    expect(await host.result()).toEqual({ ended: 1, ejected: 3 });
    for (const run of host.runs) await untilStatus(run, 'succeeded');
    // What was under way when another branch had to leave was waited for.
    expect(callsOf(host.runs[1]!).toSorted()).toEqual(['durable', 'left', 'right']);
  }, 40_000);

  it('cancels one of its runs when a person asks for it, and no other', async () => {
    const plan = aPlan({
      steps: Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, fast({}, { activity: 'test.nap@1' })])),
      edges: ['start -> a', 'a -> b', 'b -> c', 'c -> d'],
    });
    const host = await harness.startHost(plan, numbers(3));
    const [cancelled, ...others] = host.runs as [RunUnderTest, RunUnderTest, RunUnderTest];
    const address = { orgId: harness.orgId, runId: cancelled.runId, hostWorkflowId: host.workflowId };
    const asked = repairRun(harness.client, address, 'cancelRun', { requestId: randomUUID(), by });
    const reply = await asked;
    for (const run of others) await untilStatus(run, 'succeeded');
    // It may have been over before Temporal delivered the question.
    if (reply.ok) await untilStatus(cancelled, 'cancelled');
    else await untilStatus(cancelled, 'succeeded');
  }, 60_000);

  it('cancels all of its runs when an operator cancels the host in Temporal', async () => {
    await harness.stopWorker();
    const host = await harness.startHost(short, numbers(2));
    await host.handle.cancel();
    await harness.startWorker();
    await expect(host.result()).rejects.toThrow('cancelled');
    for (const run of host.runs) await untilStatus(run, 'cancelled');
  }, 60_000);
});

describe('a host that dies', () => {
  it('loses no run: the reconciler has each started by itself', async () => {
    const plan = aPlan({ steps: { a: fast({}, { activity: 'test.nap@1' }) }, edges: ['start -> a'] });
    await harness.stopWorker();
    const host = await harness.startHost(plan, numbers(2));
    await host.handle.terminate('a machine burnt down');
    await harness.startWorker();
    for (const run of host.runs) {
      await withSystem(harness.db, (tx) =>
        tx.update(tables.runs).set({ status: 'running' }).where(eq(tables.runs.id, run.runId)),
      );
      expect(await reconcile(harness, run)).toBe('restarted');
    }
    const rows = await withSystem(harness.db, (tx) =>
      tx
        .select({ id: tables.runs.id })
        .from(tables.runs)
        .where(and(eq(tables.runs.status, 'queued'), isNotNull(tables.runs.hostWorkflowId))),
    );
    expect(rows).toEqual([]);
  });
});
