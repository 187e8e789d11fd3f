import { describe, expect, it } from 'vitest';
import { checkRepair } from './check-repair.ts';
import type { Repair } from './event.ts';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun } from './testing/a-run.ts';

const day = 86_400_000;

describe('a failed step', () => {
  it('hands its failure to the error edge first', async () => {
    const plan = aPlan({
      steps: {
        a: anAction({ onFailure: 'fail' }),
        rescue: anAction({ input: '{{ steps.a.failure.name }}' }),
        next: anAction(),
      },
      edges: ['start -> a', 'a:error -> rescue', 'a -> next'],
    });
    const run = await startRun(plan);
    await run.fail('a', { name: 'not_found' });
    expect(run.statuses()).toMatchObject({ a: 'failed', rescue: 'running', next: 'skipped' });
    expect(run.commands()).toMatchObject([{ activityId: 'rescue', input: 'not_found' }]);
    await run.succeed('rescue');
    expect(run.state().status).toBe('succeeded');
  });

  it('fails the run under the policy fail, and what comes after it is not run', async () => {
    const plan = aPlan({
      steps: { a: anAction({ onFailure: 'fail' }), b: anAction() },
      edges: ['start -> a', 'a -> b'],
    });
    const run = await startRun(plan);
    await run.fail('a');
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'broken' } });
    expect(run.statuses()).toEqual({ start: 'succeeded', a: 'failed', b: 'skipped' });
  });

  it('goes on with null under the policy continue', async () => {
    const plan = aPlan({
      steps: { a: anAction({ onFailure: 'continue' }), b: anAction({ input: '{{ steps.a.output = null }}' }) },
      edges: ['start -> a', 'a -> b'],
    });
    const run = await startRun(plan);
    await run.fail('a');
    expect(run.commands()).toMatchObject([{ activityId: 'b', input: true }]);
  });

  it('parks when its effect may have happened, whatever edge or policy there is', async () => {
    const plan = aPlan({
      steps: { a: anAction({ onFailure: 'continue' }), rescue: anAction() },
      edges: ['start -> a', 'a:error -> rescue'],
    });
    const run = await startRun(plan);
    await run.fail('a', { unsure: true });
    expect(run.statuses()).toMatchObject({ a: 'needs_attention', rescue: 'pending' });
  });

  it('lets other branches go on while it waits for a person', async () => {
    const plan = aPlan({
      steps: { a: anAction(), b: anAction(), c: anAction() },
      edges: ['start -> a', 'start -> b', 'b -> c'],
    });
    const run = await startRun(plan);
    await run.fail('a');
    await run.succeed('b');
    expect(run.state().status).toBe('needs_attention');
    expect(run.statuses()).toMatchObject({ a: 'needs_attention', c: 'running' });
  });

  it('ends the run when nobody repairs it in time', async () => {
    const run = await startRun(aPlan({ steps: { a: anAction() }, edges: ['start -> a'] }));
    await run.fail('a');
    await run.wait(30 * day);
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'park_limit_reached' } });
  });

  it('is the expression that failed, with the field in its message', async () => {
    const plan = aPlan({ steps: { a: anAction({ input: { to: '{{ trigger.missing }}' } }) }, edges: ['start -> a'] });
    const run = await startRun(plan, {});
    expect(run.state().scopes['root']?.steps['a']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'expression_failed', message: expect.stringMatching(/^to: /) },
    });
  });
});

describe('a repair', () => {
  const plan = aPlan({
    steps: {
      a: anAction({ input: { to: '{{ trigger.to }}' } }),
      b: anAction({ input: '{{ steps.a.output }}' }),
      alone: anAction(),
    },
    edges: ['start -> a', 'a -> b', 'start -> alone'],
  });
  const parked = async () => {
    const run = await startRun(plan, { to: 'ada' });
    await run.succeed('alone');
    await run.fail('a');
    return run;
  };

  it('retries with the input it had, under the same effect', async () => {
    const run = await parked();
    await run.repair({ action: 'retryStep', path: 'a' });
    expect(run.commands()).toMatchObject([
      { type: 'cancelTimer', timerId: 'park:a:1' },
      { type: 'scheduleActivity', activityId: 'a~2', ordinal: 2, generation: 1, input: { to: 'ada' } },
    ]);
    await run.succeed('a', 'sent');
    expect(run.commands()).toMatchObject([{ activityId: 'b', input: 'sent' }]);
  });

  it('retries with an edited input as a new effect', async () => {
    const run = await parked();
    await run.repair({ action: 'retryStep', path: 'a', input: { to: 'bob' } });
    expect(run.commands().at(-1)).toMatchObject({ activityId: 'a~2', generation: 2, input: { to: 'bob' } });
    await run.fail('a');
    await run.repair({ action: 'retryStep', path: 'a' });
    expect(run.commands().at(-1)).toMatchObject({ activityId: 'a~3', generation: 2, input: { to: 'bob' } });
  });

  it('retries with an edit of the input it had, as a new effect, again and again', async () => {
    const run = await parked();
    await run.repair({ action: 'retryStep', path: 'a', edit: { cc: 'eve' } });
    expect(run.commands().at(-1)).toMatchObject({ activityId: 'a~2', generation: 2, input: { to: 'ada', cc: 'eve' } });
    await run.fail('a');
    await run.repair({ action: 'retryStep', path: 'a', edit: { to: 'bob', cc: null } });
    expect(run.commands().at(-1)).toMatchObject({ activityId: 'a~3', generation: 3, input: { to: 'bob' } });
  });

  it('is refused with an edit of an input that could not be evaluated', async () => {
    const unknown = aPlan({ steps: { a: anAction({ input: '{{ trigger.missing }}' }) }, edges: ['start -> a'] });
    const run = await startRun(unknown, {});
    expect(checkRepair(unknown, run.state(), { action: 'retryStep', path: 'a', edit: {} })).toMatchObject({
      code: 'input_not_editable',
    });
  });

  it('completes a step with an output', async () => {
    const run = await parked();
    await run.repair({ action: 'completeStep', path: 'a', output: { by: 'hand' } });
    expect(run.commands().at(-1)).toMatchObject({ activityId: 'b', input: { by: 'hand' } });
  });

  it('skips a step and what follows only from it', async () => {
    const run = await parked();
    await run.repair({ action: 'skipStep', path: 'a' });
    expect(run.statuses()).toEqual({ start: 'succeeded', alone: 'succeeded', a: 'skipped', b: 'skipped' });
    expect(run.state().status).toBe('succeeded');
  });

  it('fails the run with the failure of the step that waits', async () => {
    const run = await parked();
    await run.repair({ action: 'failRun' });
    expect(run.commands().at(-1)).toMatchObject({ type: 'closeRun', status: 'failed', failure: { name: 'broken' } });
    expect(run.statuses()).toMatchObject({ a: 'failed', b: 'skipped' });
  });

  it('cancels the run', async () => {
    const run = await parked();
    await run.repair({ action: 'cancelRun' });
    expect(run.state().status).toBe('cancelled');
  });

  it('sends a completed condition down the way the person says', async () => {
    const choice = aPlan({
      steps: {
        choose: { type: 'condition', condition: { left: '{{ trigger.list }}', operator: 'lessThan', right: 3 } },
        yes: anAction(),
        no: anAction(),
      },
      edges: ['start -> choose', 'choose:true -> yes', 'choose:false -> no'],
    });
    const run = await startRun(choice, { list: [1] });
    expect(run.statuses()).toMatchObject({ choose: 'needs_attention' });
    await run.repair({ action: 'completeStep', path: 'choose', output: false });
    expect(run.statuses()).toMatchObject({ yes: 'skipped', no: 'running' });
  });

  it.each<[string, Repair, string]>([
    ['a step the run does not have', { action: 'retryStep', path: 'zzz' }, 'unknown_step'],
    ['a step that waits for nobody', { action: 'skipStep', path: 'alone' }, 'step_not_parked'],
  ])('refuses %s', async (_name, repair, code) => {
    const run = await parked();
    expect(checkRepair(plan, run.state(), repair)).toMatchObject({ ok: false, code });
    const before = run.state();
    await run.repair(repair);
    expect(run.state()).toEqual(before);
  });

  it('refuses an output that does not fit, an input that a step does not have, and a run that has ended', async () => {
    const choice = aPlan({
      steps: {
        choose: { type: 'switch', value: '{{ $sum("x") }}', cases: [{ port: 'a', equals: 1 }] },
      },
      edges: ['start -> choose'],
    });
    const run = await startRun(choice, {});
    expect(run.statuses()).toMatchObject({ choose: 'needs_attention' });
    const check = (repair: Repair) => checkRepair(choice, run.state(), repair);
    expect(check({ action: 'completeStep', path: 'choose', output: 'b' })).toMatchObject({
      code: 'output_does_not_fit',
    });
    expect(check({ action: 'retryStep', path: 'choose', input: 1 })).toMatchObject({ code: 'input_not_editable' });
    expect(check({ action: 'completeStep', path: 'choose', output: 'a' })).toEqual({ ok: true });
    await run.repair({ action: 'cancelRun' });
    expect(check({ action: 'cancelRun' })).toMatchObject({ code: 'run_not_open' });
  });

  it('refuses to fail a run in which nothing waits', async () => {
    const run = await startRun(plan, { to: 'ada' });
    expect(checkRepair(plan, run.state(), { action: 'failRun' })).toMatchObject({ code: 'run_not_parked' });
  });
});

describe('a repair of one dead letter', () => {
  it('is refused once that letter is decided, also when the step waits again', async () => {
    const plan = aPlan({ steps: { a: anAction() }, edges: ['start -> a'] });
    const run = await startRun(plan);
    await run.fail('a');
    const check = (action: 'retryStep' | 'skipStep', ordinal: number) =>
      checkRepair(plan, run.state(), { action, path: 'a', letter: { path: 'a', ordinal } });
    expect(check('retryStep', 1)).toEqual({ ok: true });
    await run.repair({ action: 'retryStep', path: 'a', letter: { path: 'a', ordinal: 1 } });
    expect(check('skipStep', 1)).toMatchObject({ ok: false, code: 'dead_letter_closed' });
    await run.fail('a');
    expect(check('retryStep', 1)).toMatchObject({ ok: false, code: 'dead_letter_closed' });
    expect(check('retryStep', 2)).toEqual({ ok: true });
  });

  it('guards the end of a run too', async () => {
    const plan = aPlan({ steps: { a: anAction(), b: anAction() }, edges: ['start -> a', 'start -> b'] });
    const run = await startRun(plan);
    await run.fail('a');
    await run.fail('b');
    await run.repair({ action: 'skipStep', path: 'a' });
    const fail = (path: string) => checkRepair(plan, run.state(), { action: 'failRun', letter: { path, ordinal: 1 } });
    expect(fail('a')).toMatchObject({ ok: false, code: 'dead_letter_closed' });
    expect(fail('b')).toEqual({ ok: true });
    expect(fail('nowhere')).toMatchObject({ ok: false, code: 'dead_letter_closed' });
  });
});
