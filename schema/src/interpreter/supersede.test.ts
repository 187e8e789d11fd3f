import { expect, it } from 'vitest';
import { checkRepair } from './check-repair.ts';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun } from './testing/a-run.ts';

it('a run that is superseded begins nothing more, waits for what runs, and leaves the rest as it stands', async () => {
  const plan = aPlan({
    steps: {
      risky: anAction(),
      slow: anAction(),
      behind: anAction(),
      pause: { type: 'delay', duration: '10m' },
      guarded: { type: 'try', catches: null, result: null },
      inside: anAction(),
      cleanup: { type: 'finally' },
      tidy: anAction(),
    },
    edges: ['start -> risky', 'start -> slow', 'slow -> behind', 'start -> pause', 'start -> guarded'],
    frames: { guarded: ['inside', 'cleanup'], cleanup: ['tidy'] },
  });
  const run = await startRun(plan);
  await run.fail('risky');
  await run.send({ type: 'superseded', by: 'run_2' });
  expect(run.state().status).toBe('needs_attention');
  expect(run.commands()).toMatchObject([
    { type: 'cancelTimer', timerId: 'run' },
    { type: 'cancelActivity', path: 'slow' },
    { type: 'cancelActivity', path: 'guarded.inside' },
  ]);
  expect(checkRepair(plan, run.state(), { action: 'retryStep', path: 'risky' })).toMatchObject({
    ok: false,
    code: 'run_is_ending',
  });
  await run.wait(11 * 60_000);
  await run.succeed('slow', 1);
  await run.send({ type: 'stepCancelled', path: 'guarded.inside', ordinal: 1 });
  expect(run.scheduled()).toEqual(['risky', 'slow', 'guarded.inside']);
  expect(run.statuses()).toMatchObject({
    risky: 'needs_attention',
    slow: 'succeeded',
    behind: 'pending',
    pause: 'waiting',
  });
  expect(run.commands()).toEqual([{ type: 'closeRun', status: 'superseded' }]);
  expect(run.reports().at(-1)).toMatchObject({ transition: { status: 'superseded', supersededBy: 'run_2' } });
});
