import { expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const plan = aPlan({
  steps: { pause: { type: 'delay', duration: '{{ trigger.for }}' }, next: anAction() },
  edges: ['start -> pause', 'pause -> next'],
});

it('starts a timer for an absolute time, under the step’s title', async () => {
  const run = await startRun(plan, { for: '90s' });
  expect(run.commands().at(-1)).toEqual({
    type: 'startTimer',
    timerId: 'delay:pause:1',
    dueAt: Date.UTC(2026, 2, 1, 0, 1, 30),
    title: 'pause',
  });
  expect(run.state()).toMatchObject({ status: 'waiting', timers: { 'delay:pause:1': { title: 'pause' } } });
});

it.each([['5'], ['-1s'], ['1w'], [5], [null], ['']])('parks for %j, which is no duration', async (duration) => {
  const run = await startRun(plan, { for: duration });
  expect(run.statuses()).toMatchObject({ pause: 'needs_attention', next: 'pending' });
});

it('parks when nobody could live to see its end', async () => {
  const run = await startRun(plan, { for: '999999d' });
  expect(run.state().scopes['root']?.steps['pause']).toMatchObject({
    status: 'needs_attention',
    failure: { message: 'duration: 999999d is longer than 365d, the longest delay.' },
  });
});

it('can be completed by a person who does not want to wait for a correct duration', async () => {
  const run = await startRun(plan, { for: 'soon' });
  await run.repair({ action: 'completeStep', path: 'pause', output: null });
  expect(run.statuses()).toMatchObject({ pause: 'succeeded', next: 'running' });
});
