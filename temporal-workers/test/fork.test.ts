import { tables, withSystem } from '@everwave/schema/db';
import { generationOfFork, type Json, type Plan } from '@everwave/schema/flow';
import type { ForkOf } from '@everwave/schema/run';
import { createLogger } from '@everwave/temporal/logger';
import { repairRun, startRun, supersedeRun } from '@everwave/temporal/runs';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childRunIdOf } from '../../schema/src/interpreter/child-run-id.ts';
import { anAction, aPlan } from '../../schema/src/interpreter/testing/a-plan.ts';
import { startFork } from '../src/fork/start-fork.ts';
import { createFakeActivities } from './fake-activities.ts';
import { type ForkOrder, seqOf, startForkOf, toFork } from './fork-of.ts';
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
const forkOf = (origin: RunUnderTest, order: ForkOrder): Promise<RunUnderTest> => startForkOf(harness, origin, order);
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
    const fork = await forkOf(origin, { at: 'risky', input: { fix: true }, originSeq: await seqOf(harness, origin) });
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
    const originSeq = await seqOf(harness, origin);
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
    const originSeq = await seqOf(harness, origin);
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
    const originSeq = await seqOf(harness, origin);
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

describe('a run with a sub-flow that is started again', () => {
  const packing = (ending: object = echo('{{ steps.pack.output.echoed }}')) => ({
    ...aPlan({
      steps: {
        pack: echo('{{ trigger.body.name }}'),
        ship: ending as never,
        done: { type: 'return', output: '{{ steps.ship.output }}' },
      },
      edges: ['start -> pack', 'pack -> ship', 'ship -> done'],
    }),
    flowId: 'flow_2',
    title: 'Shipping',
  });
  const calling = (child: Plan, told = '{{ steps.call.output.echoed }}') =>
    aPlan({
      steps: {
        pick: echo('{{ trigger.name }}'),
        call: {
          type: 'subflow',
          plan: child,
          planHash: 'other',
          trigger: { stepId: 'start', kind: 'trigger.manual' },
          input: { name: '{{ steps.pick.output.echoed }}' },
          mode: 'wait',
        },
        tell: echo(told),
        done: { type: 'return', output: '{{ steps.tell.output.echoed }}' },
      },
      edges: ['start -> pick', 'pick -> call', 'call -> tell', 'tell -> done'],
    });
  const generation = generationOfFork(1);
  const keysOf = (run: RunUnderTest) =>
    seen.calls
      .filter((call) => call.runId === run.runId)
      .map(({ path, rootRunId, generation: used }) => [path, rootRunId, used]);
  const insideOf = (child: RunUnderTest, order: Partial<ForkOf> & { readonly at: string }, number = 1) => ({
    outputs: {},
    generation: generationOfFork(number),
    originRunId: child.runId,
    rootRunId: child.runId,
    ...order,
  });
  /** Without the moments of the steps: a workflow task that Temporal has done once more has written earlier ones. */
  const told = async (run: RunUnderTest) =>
    (await run.projection()).steps.map(({ path, ordinal, generation: used, status, input, output }) =>
      JSON.stringify({ path, ordinal, used, status, input, output }),
    );
  const rebuilt = async (run: RunUnderTest) => {
    const written = await told(run);
    await dropProjection(harness, run);
    await reconcile(harness, run);
    expect(await told(run)).toEqual(written);
  };
  /** The row of a sub-flow's run comes with its first report. */
  const untilChild = (run: RunUnderTest, status: string) =>
    eventually(
      async () => (await run.projection().catch(() => null))?.run,
      (row) => row?.status === status,
    );

  it('keeps what the sub-flow gave, behind it', async () => {
    const origin = await succeeded(calling(packing()), { name: 'Ada' });
    const fork = await forkOf(origin, { at: 'tell' });
    expect((await fork.result()).output).toBe('Ada');
    expect(keysOf(fork)).toEqual([['tell', origin.runId, generation]]);
    expect(callsOf(harness.child(origin, 'call'))).toHaveLength(2);
    expect(callsOf(harness.child(fork, 'call'))).toEqual([]);
    await untilStatus(fork, 'succeeded');
    await rebuilt(fork);
  });

  it('starts another run of it, at its step: every effect in it is a new one', async () => {
    const origin = await succeeded(calling(packing()), { name: 'Ada' });
    const fork = await forkOf(origin, { at: 'call', input: { name: 'Grace' } });
    expect((await fork.result()).output).toBe('Grace');
    const child = harness.child(fork, 'call');
    expect(keysOf(child)).toEqual([
      ['pack', child.runId, 1],
      ['ship', child.runId, 1],
    ]);
    expect(keysOf(fork)).toEqual([['tell', origin.runId, generation]]);
  });

  it('goes on inside it: its run is started again from the step, and the flow goes on with what that gives', async () => {
    const origin = await succeeded(calling(packing()), { name: 'Ada' });
    const child = harness.child(origin, 'call');
    const fork = await forkOf(origin, {
      at: 'call',
      child: insideOf(child, { at: 'ship', outputs: { pack: { echoed: 'edited' } } }),
    });
    expect((await fork.result()).output).toBe('edited');
    const next = harness.child(fork, 'call');
    expect(keysOf(next)).toEqual([['ship', child.runId, generation]]);
    expect(keysOf(fork)).toEqual([['tell', origin.runId, generation]]);
    expect(await untilChild(next, 'succeeded')).toMatchObject({
      parentRunId: fork.runId,
      rootRunId: child.runId,
      forkOfRunId: child.runId,
      forkAt: 'ship',
      forkNumber: 1,
    });
    await untilStatus(fork, 'succeeded');
    await rebuilt(fork);
    const steps = await told(next);
    // Its row, too, comes from history.
    await withSystem(harness.db, (tx) => tx.delete(tables.runs).where(eq(tables.runs.id, next.runId)));
    await reconcile(harness, fork);
    await reconcile(harness, next);
    expect((await next.projection()).run).toMatchObject({ forkOfRunId: child.runId, forkNumber: 1 });
    expect(await told(next)).toEqual(steps);
    expect(callsOf(child)).toHaveLength(2);
  });

  it('goes on inside it in iteration 3 of a loop, on another version, and leaves the other items alone', async () => {
    const looped = (child: Plan, version = 1) => ({
      ...aPlan({
        steps: {
          each: {
            type: 'forEach',
            items: '{{ trigger.names }}',
            concurrency: 2,
            onItemFailure: 'park',
            result: '{{ steps.call.output.echoed }}',
          },
          call: { ...(calling(child).steps['call'] as object), input: { name: '{{ item }}' } } as never,
          done: { type: 'return', output: '{{ steps.each.output.results }}' },
        },
        edges: ['start -> each', 'each -> done'],
        frames: { each: ['call'] },
      }),
      flowVersion: version,
    });
    const names = ['a', 'b', 'c', 'd', 'e'];
    const origin = await succeeded(looped(packing()), { names });
    const child = harness.child(origin, 'each[3].call');
    const fork = await forkOf(origin, {
      at: 'each[3].call',
      plan: looped(packing(echo({ newer: '{{ steps.pack.output.echoed }}' } as never)), 2),
      child: insideOf(child, { at: 'ship' }),
    });
    expect((await fork.result()).output).toEqual(['a', 'b', 'c', { newer: 'd' }, 'e']);
    const next = harness.child(fork, 'each[3].call');
    expect(keysOf(next)).toEqual([['ship', child.runId, generation]]);
    expect(callsOf(harness.child(fork, 'each[2].call'))).toEqual([]);
    await untilStatus(fork, 'succeeded');
    await rebuilt(fork);
  });

  const whoWaits = async () => {
    const origin = await harness.start(calling(packing(risky), '{{ $string(steps.call.output) }}'), {
      trigger: { name: 'Ada' },
    });
    const child = harness.child(origin, 'call');
    await untilChild(child, 'needs_attention');
    await untilStatus(origin, 'waiting');
    return { origin, child, originSeq: await seqOf(harness, origin), childSeq: await seqOf(harness, child) };
  };

  it('is superseded together with the run of the sub-flow in which it waits', async () => {
    const { origin, child, originSeq, childSeq } = await whoWaits();
    const runId = `run_${'0'.repeat(12)}${origin.runId.slice(-20)}`;
    const nextId = childRunIdOf(runId, 'call', 1);
    const fork = await harness.start(origin.input.plan, {
      runId,
      trigger: origin.input.trigger.data,
      fork: toFork(origin, {
        at: 'call',
        originSeq,
        ending: [{ runId: child.runId, seq: childSeq, byRunId: nextId }],
        child: insideOf(child, { at: 'ship', input: { fix: true } }),
      }),
    });
    expect(await fork.result()).toMatchObject({ status: 'succeeded' });
    expect((await untilStatus(origin, 'superseded')).run.supersededByRunId).toBe(fork.runId);
    expect((await untilStatus(child, 'superseded')).run.supersededByRunId).toBe(nextId);
    expect(keysOf(harness.child(fork, 'call'))).toEqual([['ship', child.runId, generation + 1]]);
    expect(callsOf(fork).map(({ path }) => path)).toEqual(['tell']);
  });

  it('is left alone when the sub-flow has gone on since the person looked', async () => {
    const { origin, child, originSeq, childSeq } = await whoWaits();
    const request = { requestId: `r_${child.runId}`, by, path: 'ship', output: { echoed: 'by hand' } };
    await repairRun(harness.client, { orgId: harness.orgId, runId: child.runId }, 'completeStep', request);
    const fork = await forkOf(origin, {
      at: 'call',
      originSeq,
      ending: [{ runId: child.runId, seq: childSeq, byRunId: 'run_x' }],
      child: insideOf(child, { at: 'ship' }),
    });
    expect((await untilStatus(fork, 'failed')).run.failure).toMatchObject({ name: 'fork_refused' });
    expect((await origin.result()).output).toBe('{"echoed":"by hand"}');
  });
});
