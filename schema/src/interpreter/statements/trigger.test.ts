import { expect, it } from 'vitest';
import { advance } from '../advance.ts';
import { checkRepair } from '../check-repair.ts';
import { createState } from '../create-state.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const plan = aPlan({
  steps: { hook: { type: 'trigger', kind: 'trigger.webhook' }, a: anAction(), b: anAction(), both: anAction() },
  edges: ['start -> a', 'hook -> b', 'a -> both', 'b -> both'],
});

it('only the one that fired goes on; what follows from the others alone is skipped', async () => {
  const run = await startRun(plan, { x: 1 }, 'hook');
  expect(run.statuses()).toEqual({ start: 'skipped', hook: 'succeeded', a: 'skipped', b: 'running', both: 'pending' });
  await run.succeed('b');
  expect(run.statuses()).toMatchObject({ both: 'running' });
});

it('its output is what it delivered', async () => {
  const reading = aPlan({
    steps: { a: anAction({ input: '{{ steps.start.output.x + trigger.x }}' }) },
    edges: ['start -> a'],
  });
  expect((await startRun(reading, { x: 2 })).commands().at(-1)).toMatchObject({ input: 4 });
});

it('a run cannot be started twice, by a step that is none, or be repaired before it has started', async () => {
  const started = {
    type: 'started' as const,
    at: 1,
    trigger: null,
    run: { id: 'run_1', url: '', flowName: '' },
    seed: 1,
  };
  const state = createState(plan);
  expect(checkRepair(plan, state, { action: 'skipStep', path: 'a' })).toMatchObject({
    ok: false,
    code: 'run_not_started',
  });
  for (const triggerStepId of ['a', 'gone', 'constructor']) {
    await expect(advance(plan, state, { ...started, triggerStepId })).rejects.toThrow();
  }
  const first = await advance(plan, state, { ...started, triggerStepId: 'hook' });
  await expect(advance(plan, first.state, { ...started, triggerStepId: 'hook' })).rejects.toThrow('started twice');
});
