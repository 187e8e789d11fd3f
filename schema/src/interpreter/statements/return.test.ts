import { expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

it('ends its own branch; the run ends when the other branches have', async () => {
  const plan = aPlan({
    steps: { done: { type: 'return', output: { id: '{{ trigger.id }}' } }, other: anAction() },
    edges: ['start -> done', 'start -> other'],
  });
  const run = await startRun(plan, { id: 7 });
  expect(run.state().status).toBe('running');
  await run.succeed('other');
  expect(run.commands().at(-1)).toEqual({ type: 'closeRun', status: 'succeeded', output: { id: 7 } });
});

it('of several that were reached, the one that stands first in the plan gives the output, whichever came first', async () => {
  const plan = aPlan({
    steps: { a: anAction(), b: anAction(), one: { type: 'return', output: 1 }, two: { type: 'return', output: 2 } },
    edges: ['start -> a', 'start -> b', 'a -> one', 'b -> two'],
  });
  for (const order of [
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    const run = await startRun(plan);
    for (const path of order) await run.succeed(path);
    expect(run.state().output).toBe(1);
  }
});

it('a run without one ends without output', async () => {
  const run = await startRun(aPlan({ steps: {}, edges: [] }));
  expect(run.commands().at(-1)).toEqual({ type: 'closeRun', status: 'succeeded' });
});
