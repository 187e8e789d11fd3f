import { describe, expect, it } from 'vitest';
import type { ForEachStep, Json } from '../../flow/plan.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun, type TestRun } from '../testing/a-run.ts';

const aLoop = (changes: Partial<Pick<ForEachStep, 'concurrency' | 'onItemFailure' | 'items' | 'result'>> = {}) => ({
  type: 'forEach' as const,
  items: '{{ trigger.items }}',
  concurrency: 2,
  onItemFailure: 'park' as const,
  result: null,
  ...changes,
});

const planOf = (changes: Parameters<typeof aLoop>[0] = {}, edges: readonly string[] = []) =>
  aPlan({
    steps: {
      each: aLoop(changes),
      get: anAction({ input: { id: '{{ item }}', at: '{{ loop.index & "/" & loop.count }}' } }),
      put: anAction({ input: { got: '{{ steps.get.output }}', of: '{{ steps.each.item }}' } }),
      after: anAction({ input: { all: '{{ steps.each.output.results }}' } }),
      otherwise: anAction(),
    },
    edges: ['start -> each', 'get -> put', 'each -> after', ...edges],
    frames: { each: ['get', 'put'] },
  });

const items = (count: number): Json => ({ items: Array.from({ length: count }, (_, index) => `i${index}`) });

const inputOf = (run: TestRun, activityId: string): Json | undefined =>
  run
    .commands()
    .flatMap((each) => (each.type === 'scheduleActivity' && each.activityId === activityId ? [each.input] : []))[0];

describe('for each', () => {
  it('runs its frame for each item, at most so many at a time, and keeps the order of the items', async () => {
    const run = await startRun(planOf(), items(3));
    expect(run.scheduled()).toEqual(['each[0].get', 'each[1].get']);
    expect(inputOf(run, 'each[1].get')).toEqual({ id: 'i1', at: '1/3' });
    await run.succeed('each[1].get', 'one');
    expect(inputOf(run, 'each[1].put')).toEqual({ got: 'one', of: 'i1' });
    await run.succeed('each[1].put', 'done 1');
    expect(run.scheduled().at(-1)).toBe('each[2].get');
    await run.succeed('each[2].get');
    await run.succeed('each[2].put', 'done 2');
    await run.succeed('each[0].get');
    await run.succeed('each[0].put', 'done 0');
    expect(inputOf(run, 'after')).toEqual({ all: ['done 0', 'done 1', 'done 2'] });
    expect(Object.keys(run.state().scopes)).toEqual(['root']);
    await run.succeed('after');
    expect(run.state().status).toBe('succeeded');
  });

  it('goes on at once where there is nothing to loop over', async () => {
    for (const trigger of [{ items: [] }, {}, { items: null }]) {
      const run = await startRun(planOf(), trigger);
      expect(run.scheduled()).toEqual(['after']);
      expect(run.state().scopes['root']?.steps['each']?.output).toEqual({ results: [], count: 0, failed: [] });
    }
  });

  it.each([
    ['what is no list', { items: 'abc' }, 'expression_failed', '"abc" is no list'],
    ['more items than a run can hold', items(1_001), 'too_many_items', '1001 items'],
    ['items larger than a run can hold', { items: ['x'.repeat(300_000)] }, 'items_too_large', 'bytes as JSON'],
  ])('parks at %s, and says what', async (_, trigger, name, message) => {
    const run = await startRun(planOf(), trigger as Json);
    expect(run.statuses()['each']).toBe('needs_attention');
    const failure = run.state().scopes['root']?.steps['each']?.failure;
    expect(failure?.name).toBe(name);
    expect(failure?.message).toContain(message);
  });

  it('gives what an expression over each item says', async () => {
    const run = await startRun(planOf({ result: '{{ item & ":" & steps.get.output }}' }), items(2));
    for (const index of [0, 1]) {
      await run.succeed(`each[${index}].get`, `got ${index}`);
      await run.succeed(`each[${index}].put`, null);
    }
    expect(inputOf(run, 'after')).toEqual({ all: ['i0:got 0', 'i1:got 1'] });
  });

  it('parks at the item that fails while the others go on, and goes on from there when it is repaired', async () => {
    const run = await startRun(planOf(), items(3));
    await run.succeed('each[0].get');
    await run.fail('each[0].put');
    await run.succeed('each[1].get');
    await run.succeed('each[1].put', 'b');
    await run.succeed('each[2].get');
    await run.succeed('each[2].put', 'c');
    expect(run.state().status).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'each[0].put' });
    expect(run.scheduled().at(-1)).toBe('each[0].put~2');
    await run.succeed('each[0].put', 'a');
    expect(inputOf(run, 'after')).toEqual({ all: ['a', 'b', 'c'] });
  });

  it('collects the items that fail, and ends with the others', async () => {
    const run = await startRun(planOf({ onItemFailure: 'collect' }), items(2));
    await run.fail('each[0].get', { name: 'not_found', message: 'No such thing.' });
    expect(run.statusOf('each[0].put')).toBe('skipped');
    await run.succeed('each[1].get');
    await run.succeed('each[1].put', 'b');
    expect(run.state().scopes['root']?.steps['each']?.output).toEqual({
      results: [null, 'b'],
      count: 2,
      failed: [{ index: 0, failure: { name: 'not_found', message: 'No such thing.' } }],
    });
    await run.succeed('after');
    expect(run.state().status).toBe('succeeded');
  });

  it('stops at the first item that fails: what runs is cancelled, and the failure is the one of the loop', async () => {
    const run = await startRun(planOf({ onItemFailure: 'stop' }, ['each:error -> otherwise']), items(5));
    await run.fail('each[0].get', { name: 'not_found', message: 'No such thing.' });
    expect(run.commands()).toContainEqual({ type: 'cancelActivity', path: 'each[1].get', ordinal: 1 });
    expect(run.scheduled()).toEqual(['each[0].get', 'each[1].get']);
    await run.send({ type: 'stepCancelled', path: 'each[1].get', ordinal: 1 });
    expect(run.scheduled().at(-1)).toBe('otherwise');
    expect(run.state().scopes['root']?.steps['each']).toMatchObject({
      status: 'failed',
      failure: { name: 'not_found' },
    });
    expect(run.statuses()['after']).toBe('skipped');
  });

  it('begins again, when a person retries it, under new activity ids', async () => {
    const run = await startRun(planOf({ onItemFailure: 'stop', concurrency: 1 }), items(2));
    await run.succeed('each[0].get');
    await run.fail('each[0].put');
    expect(run.statuses()['each']).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'each' });
    expect(run.scheduled().at(-1)).toBe('each[0].get~2');
    await run.succeed('each[0].get');
    expect(run.scheduled().at(-1)).toBe('each[0].put~2');
  });

  describe('begun again, when a person retries it,', () => {
    const nested = aPlan({
      steps: {
        outer: aLoop({ items: [1, 2], concurrency: 2, onItemFailure: 'stop' }),
        inner: aLoop({ items: [1] }),
        send: anAction(),
        check: anAction(),
      },
      edges: ['start -> outer', 'inner -> check'],
      frames: { outer: ['inner', 'check'], inner: ['send'] },
    });
    const scheduledNow = (run: TestRun) =>
      run.commands().flatMap((command) => (command.type === 'scheduleActivity' ? [command] : []));

    it('uses no activity id twice, also in the loops inside of it', async () => {
      const run = await startRun(nested);
      await run.succeed('outer[0].inner[0].send');
      await run.succeed('outer[1].inner[0].send');
      await run.fail('outer[0].check');
      await run.send({ type: 'stepCancelled', path: 'outer[1].check', ordinal: 1 });
      await run.repair({ action: 'retryStep', path: 'outer' });
      expect(run.scheduled().slice(-2)).toEqual(['outer[0].inner[0].send~2', 'outer[1].inner[0].send~2']);
      await run.fail('outer[0].inner[0].send');
      expect(run.statuses()['outer']).toBe('running');
    });

    it('says of each step that nobody has looked at it, until somebody has', async () => {
      const run = await startRun(planOf({ concurrency: 1, onItemFailure: 'stop' }), items(1));
      expect(scheduledNow(run)).toEqual([expect.not.objectContaining({ begunAgain: true })]);
      await run.fail('each[0].get');
      await run.repair({ action: 'retryStep', path: 'each' });
      expect(scheduledNow(run)).toMatchObject([{ path: 'each[0].get', ordinal: 2, generation: 1, begunAgain: true }]);
      await run.fail('each[0].get', { name: 'effect_unsure', unsure: true });
      await run.repair({ action: 'retryStep', path: 'each[0].get' });
      const [asked] = scheduledNow(run);
      expect(asked).toMatchObject({ ordinal: 3 });
      expect(asked).not.toHaveProperty('begunAgain');
    });

    it('keeps what a person has edited in it, and so the effect that it had', async () => {
      const run = await startRun(planOf({ concurrency: 1, onItemFailure: 'stop' }), items(1));
      await run.fail('each[0].get', { name: 'effect_unsure', unsure: true });
      await run.repair({ action: 'retryStep', path: 'each[0].get', input: { id: 'edited' } });
      await run.succeed('each[0].get');
      await run.fail('each[0].put');
      await run.repair({ action: 'retryStep', path: 'each' });
      expect(scheduledNow(run)).toMatchObject([{ path: 'each[0].get', generation: 2, input: { id: 'edited' } }]);
      await run.succeed('each[0].get');
      expect(scheduledNow(run)).toMatchObject([{ path: 'each[0].put', generation: 1 }]);
    });
  });

  it('does all its items, and then fails, when they give more than a run can hold', async () => {
    const run = await startRun(planOf({ concurrency: 1 }), items(3));
    for (const index of [0, 1, 2]) {
      await run.succeed(`each[${index}].get`);
      await run.succeed(`each[${index}].put`, 'x'.repeat(200_000));
    }
    expect(run.state().scopes['root']?.steps['each']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'results_too_large' },
    });
    expect(JSON.stringify(run.state()).length).toBeLessThan(100_000);
    await run.repair({ action: 'completeStep', path: 'each', output: { results: [] } });
    expect(run.scheduled().at(-1)).toBe('after');
  });

  it('has no more activities under way than one workflow may have, whatever its loops ask for', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `get${index}`);
    const plan = aPlan({
      steps: {
        each: aLoop({ concurrency: 100, items: '{{ [1..50] }}' }),
        ...Object.fromEntries(many.map((id) => [id, anAction()])),
      },
      edges: ['start -> each'],
      frames: { each: many },
    });
    const run = await startRun(plan);
    expect(run.scheduled()).toHaveLength(500);
    expect(Object.keys(run.state().timers)).toEqual(['run']);
    for (let done = 0; done < 600; done += 1) await run.succeed(run.scheduled()[done] ?? '');
    expect(new Set(run.scheduled()).size).toBe(600);
    expect(run.state().status).toBe('succeeded');
  });

  it('does a part of what costs nothing but time, and the rest in other turns', async () => {
    const plan = aPlan({
      steps: {
        outer: aLoop({ concurrency: 100, items: Array.from({ length: 40 }, () => 0) }),
        inner: aLoop({ concurrency: 100, items: Array.from({ length: 40 }, () => 0) }),
        nothing: { type: 'parallel' },
      },
      edges: ['start -> outer'],
      frames: { outer: ['inner'], inner: ['nothing'] },
    });
    const run = await startRun(plan);
    expect(Object.keys(run.state().scopes).length).toBeLessThan(700);
    expect(run.state().timers).toHaveProperty('continue');
    let turns = 1;
    for (; run.state().status === 'running'; turns += 1) await run.send({ type: 'timerFired', timerId: 'continue' });
    expect(run.state().status).toBe('succeeded');
    expect(
      run.reports().filter((each) => each.type === 'reportStep' && each.transition.stepId === 'nothing'),
    ).toHaveLength(1_600);
    expect(turns).toBeLessThan(30);
  });

  it('loops inside loops, and reads the items of both', async () => {
    const plan = aPlan({
      steps: {
        each: aLoop({ concurrency: 1 }),
        inner: aLoop({ items: '{{ item.parts }}', concurrency: 5 }),
        send: anAction({
          input: { order: '{{ steps.each.item.id }}', part: '{{ item }}', of: '{{ steps.each.index }}' },
        }),
      },
      edges: ['start -> each'],
      frames: { each: ['inner'], inner: ['send'] },
    });
    const run = await startRun(plan, {
      items: [
        { id: 'A', parts: [1, 2] },
        { id: 'B', parts: [3] },
      ],
    });
    expect(run.scheduled()).toEqual(['each[0].inner[0].send', 'each[0].inner[1].send']);
    await run.succeed('each[0].inner[1].send', 'two');
    await run.succeed('each[0].inner[0].send', 'one');
    expect(inputOf(run, 'each[1].inner[0].send')).toEqual({ order: 'B', part: 3, of: 1 });
    await run.succeed('each[1].inner[0].send', 'three');
    expect(run.state().status).toBe('succeeded');
    expect(run.state().scopes['root']?.steps['each']?.output).toMatchObject({
      results: [{ results: ['one', 'two'] }, { results: ['three'] }],
    });
  });

  it('stops in all its items when the run is cancelled', async () => {
    const run = await startRun(planOf(), items(9));
    await run.send({ type: 'cancelRequested' });
    await run.send({ type: 'stepCancelled', path: 'each[0].get', ordinal: 1 });
    expect(run.state().status).toBe('running');
    await run.succeed('each[1].get');
    expect(run.state().status).toBe('cancelled');
    expect(run.scheduled()).toEqual(['each[0].get', 'each[1].get']);
    expect(run.statusOf('each')).toBe('cancelled');
    expect(run.statusOf('each[1].put')).toBe('skipped');
  });
});
