import { expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

it.each([['merge' as const], ['parallel' as const]])(
  'a %s waits for each branch that was taken, and goes on once',
  async (type) => {
    const join = type === 'merge' ? { type, policy: { join: 'all' as const } } : { type };
    const plan = aPlan({
      steps: {
        a: anAction(),
        b: anAction(),
        never: { type: 'condition', condition: { any: [] } },
        c: anAction(),
        join,
        after: anAction(),
      },
      edges: [
        'start -> a',
        'start -> b',
        'start -> never',
        'never:true -> c',
        'a -> join',
        'b -> join',
        'c -> join',
        'join -> after',
      ],
    });
    const run = await startRun(plan);
    await run.succeed('a');
    expect(run.statuses()).toMatchObject({ c: 'skipped', join: 'pending' });
    await run.succeed('b');
    expect(run.scheduled()).toEqual(['a', 'b', 'after']);
  },
);

it('is skipped when no branch into it was taken', async () => {
  const plan = aPlan({
    steps: {
      never: { type: 'condition', condition: { any: [] } },
      a: anAction(),
      b: anAction(),
      join: { type: 'merge', policy: { join: 'all' } },
    },
    edges: ['start -> never', 'never:true -> a', 'never:true -> b', 'a -> join', 'b -> join'],
  });
  const run = await startRun(plan);
  expect(run.statuses()).toMatchObject({ a: 'skipped', b: 'skipped', join: 'skipped' });
  expect(run.state().status).toBe('succeeded');
});

it('waits for a step that a person must repair first', async () => {
  const plan = aPlan({
    steps: { a: anAction(), b: anAction(), join: { type: 'merge', policy: { join: 'all' } } },
    edges: ['start -> a', 'start -> b', 'a -> join', 'b -> join'],
  });
  const run = await startRun(plan);
  await run.fail('a');
  await run.succeed('b');
  expect(run.statuses()).toMatchObject({ a: 'needs_attention', join: 'pending' });
  await run.repair({ action: 'skipStep', path: 'a' });
  expect(run.statuses()).toMatchObject({ a: 'skipped', join: 'succeeded' });
});
