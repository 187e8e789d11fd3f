import { describe, expect, it } from 'vitest';
import type { Json } from '../flow/plan.ts';
import { anAction, aPlan, type PlanDraft } from './testing/a-plan.ts';
import { startRun } from './testing/a-run.ts';

/** A step `id`, and `un<id>` that undoes it and reads what it gave. */
const undoable = (id: string, input: Json = id): PlanDraft['steps'] => ({
  [id]: anAction({ input, undo: `un${id}` }),
  [`un${id}`]: anAction({ undoes: id, input: { gave: `{{ steps.${id}.output }}` } }),
});

const four = (changes: Partial<PlanDraft> = {}) =>
  aPlan({
    steps: { ...undoable('a'), ...undoable('b'), c: anAction({ onFailure: 'fail' }), ...undoable('d') },
    edges: ['start -> a', 'a -> b', 'b -> c', 'c -> d'],
    ...changes,
  });

const inputsOf = (run: Awaited<ReturnType<typeof startRun>>) =>
  run.commands().flatMap((command) => (command.type === 'scheduleActivity' ? [command.input] : []));

describe('a run that fails', () => {
  it('undoes what was done, the last first, one after the other, and then ends as failed', async () => {
    const run = await startRun(four());
    await run.succeed('a', 'A');
    await run.succeed('b', 'B');
    await run.fail('c', { name: 'no_stock' });
    expect(run.scheduled()).toEqual(['a', 'b', 'c', 'unb']);
    expect(inputsOf(run)).toEqual([{ gave: 'B' }]);
    expect(run.state().status).toBe('running');
    await run.succeed('unb');
    expect(run.scheduled().at(-1)).toBe('una');
    await run.succeed('una');
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'no_stock' } });
    expect(run.statuses()).toMatchObject({ una: 'succeeded', unb: 'succeeded', und: 'skipped', d: 'skipped' });
  });

  it('waits at an undo step that fails, whatever its policy, and goes on with the others when that is repaired', async () => {
    const plan = four({ onFailure: 'fail' });
    const run = await startRun(plan);
    await run.succeed('a');
    await run.succeed('b');
    await run.fail('c');
    await run.fail('unb');
    expect(run.state().status).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'unb' });
    expect(run.scheduled().at(-1)).toBe('unb~2');
    await run.succeed('unb');
    await run.fail('una');
    await run.repair({ action: 'skipStep', path: 'una' });
    expect(run.state().status).toBe('failed');
    expect(run.statuses()).toMatchObject({ una: 'skipped', unb: 'succeeded' });
  });

  it('gives up an undo step that nobody repairs in time, and undoes the rest all the same', async () => {
    const run = await startRun(four());
    await run.succeed('a');
    await run.succeed('b');
    await run.fail('c', { name: 'no_stock' });
    await run.fail('unb');
    await run.wait(31 * 86_400_000);
    expect(run.statuses()).toMatchObject({ unb: 'failed', una: 'running' });
    await run.succeed('una');
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'no_stock' } });
  });

  it('gives up everything when a person ends it while it undoes', async () => {
    const run = await startRun(four());
    await run.succeed('a');
    await run.succeed('b');
    await run.fail('c');
    await run.fail('unb');
    await run.repair({ action: 'failRun' });
    expect(run.state().status).toBe('failed');
    expect(run.statuses()).toMatchObject({ unb: 'failed', una: 'skipped' });
  });

  it('undoes what a step did that was still running, once it has ended', async () => {
    const plan = aPlan({
      steps: { ...undoable('slow'), quick: anAction({ onFailure: 'fail' }) },
      edges: ['start -> slow', 'start -> quick'],
    });
    const run = await startRun(plan);
    await run.fail('quick');
    expect(run.scheduled()).toEqual(['slow', 'quick']);
    await run.succeed('slow', 'done after all');
    expect(run.scheduled().at(-1)).toBe('unslow');
    expect(inputsOf(run)).toEqual([{ gave: 'done after all' }]);
  });

  it('parks first, and undoes when nobody came within the limit', async () => {
    const run = await startRun(aPlan({ steps: { ...undoable('a'), b: anAction() }, edges: ['start -> a', 'a -> b'] }));
    await run.succeed('a');
    await run.fail('b');
    expect(run.state().status).toBe('needs_attention');
    expect(run.scheduled()).toEqual(['a', 'b']);
    await run.wait(31 * 86_400_000);
    await run.succeed('una');
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'park_limit_reached' } });
  });
});

describe('a run that does not fail', () => {
  it('never runs an undo step, and counts it as skipped', async () => {
    const run = await startRun(four());
    for (const path of ['a', 'b', 'c', 'd']) await run.succeed(path);
    expect(run.state().status).toBe('succeeded');
    expect(run.scheduled()).toEqual(['a', 'b', 'c', 'd']);
    expect(run.statuses()).toMatchObject({ una: 'skipped', unb: 'skipped', und: 'skipped' });
  });

  it('undoes when it is cancelled, unless the flow says otherwise', async () => {
    const plan = four();
    const run = await startRun(plan);
    await run.succeed('a');
    await run.send({ type: 'cancelRequested' });
    await run.send({ type: 'stepCancelled', path: 'b', ordinal: 1 });
    expect(run.scheduled().at(-1)).toBe('una');
    await run.succeed('una');
    expect(run.state().status).toBe('cancelled');

    const left = await startRun({ ...plan, settings: { ...plan.settings, compensateOnCancel: false } });
    await left.succeed('a');
    await left.send({ type: 'cancelRequested' });
    await left.send({ type: 'stepCancelled', path: 'b', ordinal: 1 });
    expect(left.state().status).toBe('cancelled');
    expect(left.scheduled()).toEqual(['a', 'b']);
  });
});

describe('a frame that fails', () => {
  const guarded = aPlan({
    steps: {
      ...undoable('before'),
      guarded: { type: 'try', catches: null, result: null },
      ...undoable('a'),
      b: anAction(),
      tidy: { type: 'finally' },
      unlock: anAction(),
      told: anAction({ onFailure: 'fail' }),
    },
    edges: ['start -> before', 'before -> guarded', 'a -> b', 'guarded:caught -> told'],
    frames: { guarded: ['a', 'una', 'b', 'tidy'], tidy: ['unlock'] },
  });

  it('undoes only what was done in it, before its finally, and then goes the other way', async () => {
    const run = await startRun(guarded);
    await run.succeed('before');
    await run.succeed('guarded.a', 'A');
    await run.fail('guarded.b');
    expect(run.scheduled().at(-1)).toBe('guarded.una');
    expect(inputsOf(run)).toEqual([{ gave: 'A' }]);
    await run.succeed('guarded.una');
    await run.succeed('guarded.tidy.unlock');
    expect(run.scheduled().at(-1)).toBe('told');
    await run.fail('told');
    expect(run.scheduled().at(-1)).toBe('unbefore');
    await run.succeed('unbefore');
    expect(run.state().status).toBe('failed');
    expect(run.scheduled().filter((id) => id === 'guarded.una')).toHaveLength(1);
  });

  it('that ended well is undone with what is around it, by what its steps gave then', async () => {
    const plan = aPlan({
      steps: {
        each: { type: 'forEach', items: ['x', 'y'], concurrency: 1, onItemFailure: 'park', result: null },
        reserve: anAction({ undo: 'release' }),
        release: anAction({ undoes: 'reserve', input: { id: '{{ steps.reserve.output }}', item: '{{ item }}' } }),
        ...undoable('pay'),
        ship: anAction({ onFailure: 'fail' }),
      },
      edges: ['start -> each', 'each -> pay', 'pay -> ship'],
      frames: { each: ['reserve', 'release'] },
    });
    const run = await startRun(plan);
    await run.succeed('each[0].reserve', 'r0');
    await run.succeed('each[1].reserve', 'r1');
    expect(run.state().scopes['root']?.steps['each']?.output).toMatchObject({ results: ['r0', 'r1'] });
    await run.succeed('pay');
    await run.fail('ship');
    await run.succeed('unpay');
    expect(inputsOf(run)).toEqual([{ id: 'r1', item: 'y' }]);
    await run.fail('each[1].release');
    expect(run.state().status).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'each[1].release' });
    await run.succeed('each[1].release');
    expect(inputsOf(run)).toEqual([{ id: 'r0', item: 'x' }]);
    await run.succeed('each[0].release');
    expect(run.state().status).toBe('failed');
    expect(Object.keys(run.state().scopes)).toEqual(['root']);
    expect(run.scheduled().slice(-4)).toEqual(['unpay', 'each[1].release', 'each[1].release~2', 'each[0].release']);
  });

  it('an item that is given up is undone; a loop that is begun again does it anew, under another key', async () => {
    const plan = aPlan({
      steps: {
        each: { type: 'forEach', items: ['x'], concurrency: 1, onItemFailure: 'stop', result: null },
        ...undoable('a'),
        b: anAction(),
      },
      edges: ['start -> each', 'a -> b'],
      frames: { each: ['a', 'una', 'b'] },
    });
    const run = await startRun(plan);
    const generations = () =>
      run.commands().flatMap((command) => (command.type === 'scheduleActivity' ? [command.generation] : []));
    expect(generations()).toEqual([1]);
    await run.succeed('each[0].a');
    await run.fail('each[0].b');
    expect(generations()).toEqual([1]);
    await run.succeed('each[0].una');
    expect(run.state().status).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'each' });
    expect(generations()).toEqual([2]);
    await run.succeed('each[0].a');
    await run.fail('each[0].b');
    expect(generations()).toEqual([2]);
    expect(run.scheduled()).toEqual([
      'each[0].a',
      'each[0].b',
      'each[0].una',
      'each[0].a~2',
      'each[0].b~2',
      'each[0].una~2',
    ]);
  });

  it('an item whose result cannot be evaluated is undone, also when nothing is left in it that could be stopped', async () => {
    const plan = aPlan({
      steps: {
        each: {
          type: 'forEach',
          items: ['x'],
          concurrency: 1,
          onItemFailure: 'collect',
          result: '{{ steps.late.output }}',
        },
        guarded: { type: 'try', catches: null, result: null },
        ...undoable('a'),
        late: anAction(),
      },
      edges: ['start -> each', 'guarded:caught -> late'],
      frames: { each: ['guarded', 'late'], guarded: ['a', 'una'] },
    });
    const run = await startRun(plan);
    await run.succeed('each[0].guarded.a', 'A');
    expect(run.scheduled().at(-1)).toBe('each[0].guarded.una');
    expect(inputsOf(run)).toEqual([{ gave: 'A' }]);
    await run.succeed('each[0].guarded.una');
    expect(run.state().status).toBe('succeeded');
    expect(run.state().scopes['root']?.steps['each']?.output).toMatchObject({ failed: [{ index: 0 }] });
  });

  it('goes on undoing when the run is cancelled meanwhile', async () => {
    const run = await startRun(guarded);
    await run.succeed('before');
    await run.succeed('guarded.a');
    await run.fail('guarded.b');
    await run.send({ type: 'cancelRequested' });
    expect(run.state().status).toBe('running');
    await run.succeed('guarded.una');
    await run.succeed('guarded.tidy.unlock');
    await run.succeed('unbefore');
    expect(run.state().status).toBe('cancelled');
  });

  it('says of an undo step whose input cannot be evaluated what is wrong, and takes one that a person gives', async () => {
    const plan = aPlan({
      steps: {
        each: { type: 'forEach', items: ['x'], concurrency: 1, onItemFailure: 'park', result: null },
        a: anAction({ undo: 'una' }),
        una: anAction({ undoes: 'a', input: '{{ $number(steps.a.output) }}' }),
        b: anAction({ onFailure: 'fail' }),
      },
      edges: ['start -> each', 'each -> b'],
      frames: { each: ['a', 'una'] },
    });
    const run = await startRun(plan);
    await run.succeed('each[0].a', 'no number');
    await run.fail('b');
    expect(run.state().scopes['each[0]']?.steps['una']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'expression_failed' },
    });
    await run.repair({ action: 'retryStep', path: 'each[0].una' });
    expect(run.state().status).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'each[0].una', input: 7 });
    expect(inputsOf(run)).toEqual([7]);
    await run.succeed('each[0].una');
    expect(run.state().status).toBe('failed');
  });
});
