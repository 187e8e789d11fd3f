import { describe, expect, it } from 'vitest';
import type { TryStep } from '../../flow/plan.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const aTry = (changes: Partial<TryStep> = {}) =>
  ({ type: 'try', catches: null, result: null, timeLimit: '10m', ...changes }) as const;
const minutes = (count: number) => count * 60_000;

const guarded = (changes: Partial<TryStep> = {}) =>
  aPlan({
    steps: {
      guarded: aTry(changes),
      a: anAction({ undo: 'una' }),
      una: anAction({ undoes: 'a' }),
      b: anAction(),
      tidy: { type: 'finally' },
      unlock: anAction(),
      told: anAction({ input: '{{ steps.guarded.failure.name }}' }),
    },
    edges: ['start -> guarded', 'a -> b', 'guarded:caught -> told'],
    frames: { guarded: ['a', 'una', 'b', 'tidy'], tidy: ['unlock'] },
  });

describe('the time limit of a try', () => {
  it('cancels what runs, undoes, tidies up, and is caught as timed_out', async () => {
    const run = await startRun(guarded());
    await run.succeed('guarded.a');
    await run.wait(minutes(9));
    expect(run.scheduled()).toEqual(['guarded.a', 'guarded.b']);
    await run.wait(minutes(1));
    expect(run.commands()).toEqual([{ type: 'cancelActivity', path: 'guarded.b', ordinal: 1 }]);
    await run.send({ type: 'stepCancelled', path: 'guarded.b', ordinal: 1 });
    await run.succeed('guarded.una');
    await run.succeed('guarded.tidy.unlock');
    expect(run.commands()[0]).toMatchObject({ type: 'scheduleActivity', path: 'told', input: 'timed_out' });
  });

  it('leaves a try that catches something else', async () => {
    const run = await startRun(guarded({ catches: ['broken'] }));
    await run.succeed('guarded.a');
    await run.wait(minutes(10));
    await run.send({ type: 'stepCancelled', path: 'guarded.b', ordinal: 1 });
    await run.succeed('guarded.una');
    await run.succeed('guarded.tidy.unlock');
    expect(run.state().scopes['root']?.steps['guarded']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'timed_out', message: expect.stringContaining('10m') },
    });
    await run.repair({ action: 'retryStep', path: 'guarded' });
    expect(run.scheduled().at(-1)).toBe('guarded.a~2');
    await run.wait(minutes(10));
    expect(run.commands()[0]).toMatchObject({ type: 'cancelActivity', path: 'guarded.a', ordinal: 2 });
  });

  it('does not count what only tidies up, and ends with its frame', async () => {
    const run = await startRun(guarded());
    await run.succeed('guarded.a');
    await run.succeed('guarded.b');
    await run.wait(minutes(10));
    expect(run.commands()).toEqual([]);
    await run.succeed('guarded.tidy.unlock');
    expect(run.state().status).toBe('succeeded');
    const quick = await startRun(guarded());
    await quick.succeed('guarded.a');
    await quick.succeed('guarded.b');
    await quick.succeed('guarded.tidy.unlock');
    expect(quick.state().timers).toEqual({});
  });

  it('ends a step inside that waits for a person', async () => {
    const run = await startRun(
      aPlan({
        steps: { guarded: aTry({ catches: ['timed_out'] }), a: anAction(), told: anAction() },
        edges: ['start -> guarded', 'guarded:caught -> told'],
        frames: { guarded: ['a'] },
      }),
    );
    await run.fail('guarded.a');
    expect(run.state().status).toBe('needs_attention');
    await run.wait(minutes(10));
    expect(run.scheduled().at(-1)).toBe('told');
    expect(Object.keys(run.state().timers)).toEqual(['run']);
  });
});

describe('the time limit of a loop', () => {
  it('stops all items under way and begins no other, whatever becomes of single items', async () => {
    const run = await startRun(
      aPlan({
        steps: {
          each: {
            type: 'forEach',
            items: [1, 2, 3],
            concurrency: 2,
            onItemFailure: 'collect',
            result: null,
            timeLimit: '10m',
          },
          a: anAction(),
          told: anAction({ input: '{{ steps.each.failure.name }}' }),
        },
        edges: ['start -> each', 'each:error -> told'],
        frames: { each: ['a'] },
      }),
    );
    await run.wait(minutes(10));
    await run.send({ type: 'stepCancelled', path: 'each[0].a', ordinal: 1 });
    await run.succeed('each[1].a');
    expect(run.scheduled()).toEqual(['each[0].a', 'each[1].a', 'told']);
    expect(run.commands()[0]).toMatchObject({ input: 'timed_out' });
  });

  it('ends a while in its iteration, and is cancelled with its run', async () => {
    const plan = aPlan({
      steps: {
        again: {
          type: 'while',
          condition: { left: true, operator: 'isTrue' },
          check: 'before',
          maximumIterations: 100,
          result: null,
          timeLimit: '10m',
        },
        pause: { type: 'delay', duration: '4m' },
        told: anAction(),
      },
      edges: ['start -> again', 'again:error -> told'],
      frames: { again: ['pause'] },
    });
    const run = await startRun(plan);
    await run.wait(minutes(11));
    expect(run.statusOf('again[2].pause')).toBe('cancelled');
    expect(run.scheduled()).toEqual(['told']);
    const cancelled = await startRun(plan);
    await cancelled.send({ type: 'cancelRequested' });
    expect(cancelled.state()).toMatchObject({ status: 'cancelled', timers: {} });
  });
});

it('the time limit of a run undoes what it has done', async () => {
  const plan = aPlan({
    steps: { a: anAction({ undo: 'una' }), una: anAction({ undoes: 'a' }), b: anAction() },
    edges: ['start -> a', 'a -> b'],
  });
  const run = await startRun({ ...plan, settings: { ...plan.settings, runTimeout: '1h' } });
  await run.succeed('a');
  await run.wait(minutes(60));
  await run.send({ type: 'stepCancelled', path: 'b', ordinal: 1 });
  await run.succeed('una');
  expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'run_timed_out' } });
});
