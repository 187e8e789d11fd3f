import { tables, withSystem } from '@everwave/schema/db';
import { generationOfFork, type Json, type Plan } from '@everwave/schema/flow';
import type { ForkOf } from '@everwave/schema/run';
import { createLogger } from '@everwave/temporal/logger';
import { readRunRecord, repairRun, startRun, supersedeRun } from '@everwave/temporal/runs';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { startFork } from '../src/fork/start-fork.ts';
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

const echo = (input: Json = {}) => anAction({ activity: 'test.echo@1', input });
const risky = anAction({ activity: 'test.fail@1', options: retrying(1) });
const by = { userId: 'user_1', name: 'Ada', role: 'operator' };

const callsOf = ({ runId }: RunUnderTest) =>
  seen.calls.filter((call) => call.runId === runId).map(({ path, generation, input }) => ({ path, generation, input }));
const seqOf = async ({ runId }: RunUnderTest): Promise<number> =>
  (await readRunRecord(harness.db, harness.ring, { orgId: harness.orgId, runId }))?.seq ?? 0;

interface Order extends Partial<Omit<ForkOf, 'originRunId'>> {
  readonly at: string;
  readonly plan?: Plan;
  readonly number?: number;
}
const toFork = (origin: RunUnderTest, given: Order) => {
  const { plan: _plan, number = 1, ...order } = given;
  return {
    origin,
    originRunId: origin.runId,
    originSeq: null,
    outputs: {},
    generation: generationOfFork(number),
    forkNumber: number,
    ...order,
  };
};
const forkOf = (origin: RunUnderTest, order: Order): Promise<RunUnderTest> =>
  harness.start(order.plan ?? origin.input.plan, {
    trigger: origin.input.trigger.data,
    fork: toFork(origin, order),
  });
const succeeded = async (plan: Plan, trigger: Json = {}): Promise<RunUnderTest> => {
  const run = await harness.start(plan, { trigger });
  await untilStatus(run, 'succeeded');
  return run;
};
const parked = async (plan: Plan): Promise<RunUnderTest> => {
  const run = await harness.start(plan);
  await untilStatus(run, 'needs_attention');
  return run;
};

const chain = aPlan({
  steps: {
    first: echo('{{ trigger.name }}'),
    second: echo('{{ steps.first.output.echoed }}'),
    third: echo('{{ steps.second.output.echoed }}'),
    done: { type: 'return', output: '{{ steps.third.output.echoed }}' },
  },
  edges: ['start -> first', 'first -> second', 'second -> third', 'third -> done'],
});

describe('a finished run that is started again from a step', () => {
  it('runs what stands before it no second time, reads what a person has edited, and gives new effects behind', async () => {
    const origin = await succeeded(chain, { name: 'Ada' });
    const fork = await forkOf(origin, { at: 'second', outputs: { first: { echoed: 'edited' } } });
    expect((await fork.result()).output).toBe('edited');
    const generation = generationOfFork(1);
    expect(callsOf(fork)).toEqual([
      { path: 'second', generation, input: 'edited' },
      { path: 'third', generation, input: 'edited' },
    ]);
    expect(callsOf(origin)).toHaveLength(3);
    for (const { rootRunId } of seen.calls.filter(({ runId }) => runId === fork.runId))
      expect(rootRunId).toBe(origin.runId);
    const { steps } = await untilStatus(fork, 'succeeded');
    expect(steps.map(({ path, status, output }) => [path, status, output])).toContainEqual([
      'first',
      'succeeded',
      { echoed: 'edited' },
    ]);
    expect((await origin.projection()).run).toMatchObject({ status: 'succeeded', supersededByRunId: null });
    const { typedSearchAttributes } = await fork.handle.describe();
    expect(typedSearchAttributes.getAll()).toContainEqual(
      expect.objectContaining({ key: expect.objectContaining({ name: 'EverwaveForkOf' }), value: origin.runId }),
    );
  });

  it('has rows that its history gives back', async () => {
    const fork = await forkOf(await succeeded(chain, { name: 'Ada' }), { at: 'third' });
    const written = await untilStatus(fork, 'succeeded');
    await dropProjection(harness, fork);
    expect(await reconcile(harness, fork)).toBe('equal');
    expect(comparable(await fork.projection())).toEqual(comparable(written));
  });

  it('needs no history of the run before', async () => {
    const origin = await succeeded(chain, { name: 'Ada' });
    // Temporal does not know it any more.
    const workflowId = `t/${harness.orgId}/r/run_${'e'.repeat(32)}`;
    await withSystem(harness.db, (tx) =>
      tx.update(tables.runs).set({ workflowId }).where(eq(tables.runs.id, origin.runId)),
    );
    const fork = await forkOf(origin, { at: 'third' });
    expect((await fork.result()).output).toBe('Ada');
    expect(callsOf(fork).map(({ path }) => path)).toEqual(['third']);
  });

  it('goes on at iteration 7 of a loop, and leaves the others as they are', async () => {
    const plan = aPlan({
      steps: {
        each: {
          type: 'forEach',
          items: '{{ trigger.items }}',
          concurrency: 3,
          onItemFailure: 'park',
          result: '{{ steps.put.output.echoed }}',
        },
        get: echo('{{ item }}'),
        put: echo('{{ steps.get.output.echoed }}'),
        after: echo('{{ steps.each.output.results }}'),
        done: { type: 'return', output: '{{ steps.after.output.echoed }}' },
      },
      edges: ['start -> each', 'get -> put', 'each -> after', 'after -> done'],
      frames: { each: ['get', 'put'] },
    });
    const items = Array.from({ length: 10 }, (_, at) => `item ${at}`);
    const origin = await succeeded(plan, { items });
    const fork = await forkOf(origin, { at: 'each[7].put', outputs: { 'each[7].get': { echoed: 'edited' } } });
    const results = items.map((item, at) => (at === 7 ? 'edited' : item));
    expect((await fork.result()).output).toEqual(results);
    const generation = generationOfFork(1);
    expect(callsOf(fork)).toEqual([
      { path: 'each[7].put', generation, input: 'edited' },
      { path: 'after', generation, input: results },
    ]);
    const { steps } = await untilStatus(fork, 'succeeded');
    expect(steps.filter(({ path }) => /^each\[\d\]\.get$/.test(path))).toHaveLength(10);
    await dropProjection(harness, fork);
    await reconcile(harness, fork);
    expect((await fork.projection()).steps.map(({ path, status }) => [path, status])).toEqual(
      steps.map(({ path, status }) => [path, status]),
    );
  });

  it('goes on under another version', async () => {
    const { third: _, done: __, ...before } = chain.steps;
    const newer = {
      ...aPlan({
        steps: { ...before, instead: echo('{{ steps.second.output.echoed }}') } as never,
        edges: ['start -> first', 'first -> second', 'second -> instead'],
      }),
      flowVersion: 2,
    };
    const fork = await forkOf(await succeeded(chain, { name: 'Ada' }), { at: 'instead', plan: newer });
    await untilStatus(fork, 'succeeded');
    expect(callsOf(fork).map(({ path, input }) => [path, input])).toEqual([['instead', 'Ada']]);
  });

  it('fails with the reason when its state does not fit', async () => {
    const origin = await succeeded(chain, { name: 'Ada' });
    const fork = await forkOf(origin, { at: 'nothing' });
    const { run } = await untilStatus(fork, 'failed');
    expect(run.failure).toMatchObject({
      name: 'fork_refused',
      message: 'This version of the flow has no step "nothing".',
    });
    const written = await fork.projection();
    await dropProjection(harness, fork);
    await reconcile(harness, fork);
    expect(comparable(await fork.projection())).toEqual(comparable(written));
  });
});

const parking = aPlan({
  steps: {
    first: echo('first'),
    risky,
    after: echo('{{ steps.risky.output }}'),
    slow: anAction({ activity: 'test.hang@1', options: { ...retrying(3), heartbeatTimeout: '5s' } as never }),
    behind: echo('behind'),
    pause: { type: 'delay', duration: '1h' },
  },
  edges: ['start -> first', 'first -> risky', 'risky -> after', 'first -> slow', 'slow -> behind', 'first -> pause'],
});

describe('a parked run that is started again', () => {
  it('is superseded: nothing of it runs afterwards, and what ran beside goes on in the fork', async () => {
    const origin = await parked(parking);
    await eventually(
      async () => callsOf(origin).map(({ path }) => path),
      (paths) => paths.includes('slow'),
    );
    const fork = await forkOf(origin, { at: 'risky', input: { fix: true }, originSeq: await seqOf(origin) });
    const { run, steps } = await untilStatus(origin, 'superseded');
    expect(run.supersededByRunId).toBe(fork.runId);
    expect((await origin.handle.describe()).status.name).toBe('COMPLETED');
    expect(steps.find(({ path }) => path === 'risky')?.status).toBe('needs_attention');
    expect(seen.cancelled).toContain('slow');
    const letters = await withSystem(harness.db, (tx) =>
      tx.select().from(tables.deadLetters).where(eq(tables.deadLetters.runId, origin.runId)),
    );
    expect(letters.map(({ resolution }) => resolution)).toEqual(['superseded']);

    await eventually(
      async () => callsOf(fork).map(({ path }) => path),
      (paths) => paths.includes('after') && paths.includes('slow'),
    );
    const paths = callsOf(fork).map(({ path, generation }) => [path, generation]);
    expect(paths).toContainEqual(['risky', generationOfFork(1) + 1]);
    expect(paths).toContainEqual(['after', generationOfFork(1)]);
    // It was cut off, and is the same effect.
    expect(paths).toContainEqual(['slow', 1]);
    expect(paths.map(([path]) => path)).not.toContain('first');
    const pause = steps.find(({ path }) => path === 'pause');
    await eventually(
      async () => (await fork.projection()).steps.find(({ path }) => path === 'pause'),
      (later) => later?.status === 'waiting' && later.dueAt?.getTime() === pause?.dueAt?.getTime(),
    );
    const before = callsOf(origin).length;
    await fork.handle.cancel();
    await untilStatus(fork, 'cancelled');
    expect(callsOf(origin)).toHaveLength(before);
  });

  it('is left alone when it has gone on since the person looked', async () => {
    const plan = aPlan({ steps: { risky, after: risky }, edges: ['start -> risky', 'risky -> after'] });
    const origin = await parked(plan);
    const originSeq = await seqOf(origin);
    const request = { requestId: `r_${origin.runId}`, by, path: 'risky', output: 1 };
    await repairRun(harness.client, { orgId: harness.orgId, runId: origin.runId }, 'completeStep', request);
    await eventually(
      () => origin.projection(),
      ({ steps }) => steps.some(({ path, status }) => path === 'after' && status === 'needs_attention'),
    );
    const fork = await forkOf(origin, { at: 'risky', originSeq });
    expect((await untilStatus(fork, 'failed')).run.failure).toMatchObject({ name: 'fork_refused' });
    expect((await origin.projection()).run.status).toBe('needs_attention');
    await origin.handle.terminate();
  });

  it('has one fork, however often that is started and however many ask', async () => {
    const plan = aPlan({ steps: { risky, after: echo() }, edges: ['start -> risky', 'risky -> after'] });
    const origin = await parked(plan);
    const originSeq = await seqOf(origin);
    const order = { at: 'risky', input: { fix: true }, originSeq };
    const [one, other] = await Promise.all([forkOf(origin, order), forkOf(origin, { ...order, number: 2 })]);
    if (!one || !other) throw new Error('Both were started.');
    await startRun(harness.client, one.input);
    const ends = await Promise.all(
      [one, other].map((fork) =>
        eventually(
          async () => (await fork.projection()).run,
          ({ status }) => status === 'succeeded' || status === 'failed',
        ),
      ),
    );
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['failed', 'succeeded']);
    const winner = ends.find(({ status }) => status === 'succeeded');
    expect((await untilStatus(origin, 'superseded')).run.supersededByRunId).toBe(winner?.id);
    const calls = [...callsOf(one), ...callsOf(other)].map(({ path }) => path);
    expect(calls).toEqual(['risky', 'after']);
  });

  it('is neither lost nor doubled when whoever starts it dies after superseding', async () => {
    const plan = aPlan({ steps: { risky, after: echo() }, edges: ['start -> risky', 'risky -> after'] });
    const origin = await parked(plan);
    const originSeq = await seqOf(origin);
    await harness.stopWorker();
    const fork = await forkOf(origin, { at: 'risky', input: { fix: true }, originSeq });
    const { client, db, ring, orgId } = harness;
    const logger = createLogger({ service: 'test', level: 'silent' });
    const request = {
      orgId,
      runId: fork.runId,
      plan,
      planHash: 'test',
      fork: { ...toFork(origin, { at: 'risky', input: { fix: true }, originSeq }) },
      run: { id: fork.runId, url: '', flowName: '' },
      seed: 1,
      at: Date.now(),
    };
    // An attempt of its activity that is cut off while it waits for the origin to end.
    await harness.startWorker();
    const dying = startFork(
      { client, db, ring, logger, beat: () => undefined, sleep: () => Promise.reject(new Error('The worker died.')) },
      request,
    ).catch((error: Error) => error);
    await dying;
    expect(await fork.result()).toMatchObject({ status: 'succeeded' });
    expect((await untilStatus(origin, 'superseded')).run.supersededByRunId).toBe(fork.runId);
    expect(callsOf(fork).map(({ path }) => path)).toEqual(['risky', 'after']);
    expect(
      await supersedeRun(client, { orgId, runId: origin.runId }, { byRunId: 'run_x', seq: originSeq }),
    ).toMatchObject({
      ok: false,
      reason: 'run_not_open',
    });
  });
});
