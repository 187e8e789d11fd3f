import { describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const planOf = (count: number, others: 'continue' | 'cancel') =>
  aPlan({
    steps: {
      a: anAction(),
      b: anAction(),
      pause: { type: 'delay', duration: '1h' },
      c: anAction(),
      first: { type: 'merge', policy: { join: 'count', count, others, before: ['a', 'b', 'pause', 'c'] } },
      after: anAction(),
    },
    edges: [
      'start -> a',
      'start -> b',
      'start -> pause',
      'pause -> c',
      'a -> first',
      'b -> first',
      'c -> first',
      'first -> after',
    ],
  });

describe('a merge that waits for some of its branches', () => {
  it('goes on with the first, once, and lets the others end', async () => {
    const run = await startRun(planOf(1, 'continue'));
    await run.succeed('b');
    expect(run.scheduled()).toEqual(['a', 'b', 'after']);
    await run.succeed('a');
    await run.succeed('after');
    expect(run.state().status).toBe('waiting');
    await run.wait(3_600_000);
    await run.succeed('c');
    expect(run.scheduled()).toEqual(['a', 'b', 'after', 'c']);
    expect(run.state().status).toBe('succeeded');
  });

  it('cancels the others when asked: what waits, what runs, and what has not begun', async () => {
    const run = await startRun(planOf(1, 'cancel'));
    await run.succeed('b');
    expect(run.commands()).toContainEqual({ type: 'cancelActivity', path: 'a', ordinal: 1 });
    expect(run.statuses()).toMatchObject({ pause: 'cancelled', c: 'skipped', first: 'succeeded', after: 'running' });
    expect(Object.keys(run.state().timers)).toEqual(['run']);
    await run.succeed('after');
    expect(run.state().status).toBe('running');
    await run.send({ type: 'stepCancelled', path: 'a', ordinal: 1 });
    expect(run.state().status).toBe('succeeded');
    expect(run.statuses()['a']).toBe('cancelled');
  });

  it('absorbs a branch that ends although it was asked to stop', async () => {
    const run = await startRun(planOf(1, 'cancel'));
    await run.succeed('b');
    await run.fail('a');
    expect(run.statuses()).toMatchObject({ a: 'failed', after: 'running' });
    await run.succeed('after');
    expect(run.state().status).toBe('succeeded');
  });

  it('waits for as many as it asks for', async () => {
    const run = await startRun(planOf(2, 'cancel'));
    await run.succeed('b');
    expect(run.statuses()['first']).toBe('pending');
    await run.succeed('a');
    expect(run.scheduled().at(-1)).toBe('after');
  });

  it('fails when fewer can arrive than it asks for', async () => {
    const plan = aPlan({
      steps: {
        way: { type: 'condition', condition: { left: true, operator: 'isTrue' } },
        a: anAction(),
        b: anAction(),
        both: { type: 'merge', policy: { join: 'count', count: 2, others: 'continue', before: ['a', 'b'] } },
      },
      edges: ['start -> way', 'way:true -> a', 'way:false -> b', 'a -> both', 'b -> both'],
    });
    const run = await startRun(plan);
    await run.succeed('a');
    expect(run.state().scopes['root']?.steps['both']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'not_enough_branches' },
    });
  });
});
