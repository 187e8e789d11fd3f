import { expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const plan = aPlan({
  steps: {
    a: anAction({ input: { text: 'Hello {{ trigger.name }}', at: '{{ $millis() }}' }, connectionId: 'conn_1' }),
    b: anAction(),
  },
  edges: ['start -> a', 'a -> b'],
});

it('hands its evaluated input to one activity that is named after the step', async () => {
  const run = await startRun(plan, { name: 'Ada' });
  expect(run.commands().at(-1)).toMatchObject({
    type: 'scheduleActivity',
    path: 'a',
    activityId: 'a',
    ordinal: 1,
    generation: 1,
    activity: 'test.act@1',
    connectionId: 'conn_1',
    input: { text: 'Hello Ada', at: Date.UTC(2026, 2, 1) },
  });
});

it('reports its input when it begins and its output when it ends', async () => {
  const run = await startRun(plan, { name: 'Ada' });
  await run.succeed('a', { id: 7 });
  const reports = run
    .reports()
    .flatMap((command) =>
      command.type === 'reportStep' && command.transition.stepId === 'a' ? [command.transition] : [],
    );
  expect(reports).toMatchObject([
    { status: 'running', input: { text: 'Hello Ada' } },
    { status: 'succeeded', output: { id: 7 } },
  ]);
  expect(reports[1]).not.toHaveProperty('input');
});

it('parks when its input cannot be evaluated, and evaluates anew when it is retried', async () => {
  const run = await startRun(plan, {});
  expect(run.state().scopes['root']?.steps['a']).toMatchObject({
    status: 'needs_attention',
    failure: { name: 'expression_failed', message: expect.stringMatching(/^text: at character 9: .*trigger\.name/) },
  });
  expect(run.state().scopes['root']?.steps['a']).not.toHaveProperty('attempts');
  await run.repair({ action: 'retryStep', path: 'a' });
  expect(run.statuses()).toMatchObject({ a: 'needs_attention' });
  await run.repair({ action: 'retryStep', path: 'a', input: { text: 'Hello' } });
  expect(run.commands().at(-1)).toMatchObject({
    activityId: 'a~3',
    ordinal: 3,
    generation: 2,
    input: { text: 'Hello' },
  });
});

it('parks as unsure when its activity is cancelled from outside, unless it only reads', async () => {
  const outside = aPlan({
    steps: { write: anAction({ onFailure: 'continue' }), read: anAction({ effect: 'reads', onFailure: 'continue' }) },
    edges: ['start -> write', 'start -> read'],
  });
  const run = await startRun(outside);
  await run.send({ type: 'stepCancelled', path: 'write', ordinal: 1 });
  await run.send({ type: 'stepCancelled', path: 'read', ordinal: 1 });
  expect(run.statuses()).toMatchObject({ write: 'needs_attention', read: 'failed' });
  expect(run.state().scopes['root']?.steps['write']?.failure).toMatchObject({ name: 'step_cancelled', unsure: true });
});
