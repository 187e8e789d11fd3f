import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import { createState } from './create-state.ts';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun } from './testing/a-run.ts';

describe('readiness', () => {
  it('starts the steps behind the trigger in the order of the plan', async () => {
    const plan = aPlan({ steps: { b: anAction(), a: anAction() }, edges: ['start -> a', 'start -> b'] });
    const run = await startRun(plan);
    expect(run.scheduled()).toEqual(['b', 'a']);
    expect(run.statuses()).toEqual({ start: 'succeeded', a: 'running', b: 'running' });
  });

  it('does not let a fast branch wait for a slow one', async () => {
    const plan = aPlan({
      steps: { slow: anAction(), fast: anAction(), next: anAction() },
      edges: ['start -> slow', 'start -> fast', 'fast -> next'],
    });
    const run = await startRun(plan);
    await run.succeed('fast');
    expect(run.statuses()).toMatchObject({ slow: 'running', next: 'running' });
  });

  it('lets a merge wait for each branch that was taken, and start once', async () => {
    const plan = aPlan({
      steps: { a: anAction(), b: anAction(), join: { type: 'merge', policy: { join: 'all' } }, done: anAction() },
      edges: ['start -> a', 'start -> b', 'a -> join', 'b -> join', 'join -> done'],
    });
    const run = await startRun(plan);
    await run.succeed('b');
    expect(run.statuses()).toMatchObject({ join: 'pending', done: 'pending' });
    await run.succeed('a');
    expect(run.scheduled()).toEqual(['a', 'b', 'done']);
  });

  it('does not let a merge wait for a branch that was not taken, however long', async () => {
    const plan = aPlan({
      steps: {
        choose: { type: 'condition', condition: { left: '{{ trigger.vip }}', operator: 'isTrue' } },
        far1: anAction(),
        far2: anAction(),
        near: anAction(),
        join: { type: 'merge', policy: { join: 'all' } },
      },
      edges: [
        'start -> choose',
        'choose:true -> far1',
        'far1 -> far2',
        'far2 -> join',
        'choose:false -> near',
        'near -> join',
      ],
    });
    const run = await startRun(plan, { vip: false });
    expect(run.statuses()).toMatchObject({ far1: 'skipped', far2: 'skipped', near: 'running', join: 'pending' });
    await run.succeed('near');
    expect(run.state().status).toBe('succeeded');
    expect(run.statuses()).toMatchObject({ join: 'succeeded' });
  });

  it('skips what follows from a trigger that did not fire', async () => {
    const plan = aPlan({
      steps: { hook: { type: 'trigger', kind: 'trigger.webhook' }, a: anAction(), b: anAction() },
      edges: ['start -> a', 'hook -> b'],
    });
    const run = await startRun(plan);
    expect(run.statuses()).toEqual({ start: 'succeeded', hook: 'skipped', a: 'running', b: 'skipped' });
  });
});

describe('values', () => {
  it('carries outputs and variables to later steps', async () => {
    const plan = aPlan({
      steps: {
        fetch: anAction({ input: { id: '{{ trigger.id }}' } }),
        keep: { type: 'setVariables', variables: { total: '{{ steps.fetch.output.total * 2 }}' } },
        send: anAction({ input: { text: 'Total {{ vars.total }} for {{ steps.start.output.id }}' } }),
      },
      edges: ['start -> fetch', 'fetch -> keep', 'keep -> send'],
    });
    const run = await startRun(plan, { id: 'A-1' });
    expect(run.commands()).toMatchObject([{ type: 'startTimer', timerId: 'run' }, { input: { id: 'A-1' } }]);
    await run.succeed('fetch', { total: 21 });
    expect(run.commands()).toMatchObject([{ activityId: 'send', input: { text: 'Total 42 for A-1' } }]);
  });

  it('gives the run the output of the return that was reached', async () => {
    const plan = aPlan({
      steps: {
        choose: { type: 'switch', value: '{{ trigger.tier }}', cases: [{ port: 'gold', equals: 'gold' }] },
        yes: { type: 'return', output: { tier: '{{ trigger.tier }}' } },
        no: { type: 'return', output: 'none' },
      },
      edges: ['start -> choose', 'choose:gold -> yes', 'choose:default -> no'],
    });
    const gold = await startRun(plan, { tier: 'gold' });
    expect(gold.commands().at(-1)).toEqual({ type: 'closeRun', status: 'succeeded', output: { tier: 'gold' } });
    expect((await startRun(plan, { tier: 'tin' })).state().output).toBe('none');
  });
});

describe('time', () => {
  const plan = aPlan({
    steps: { pause: { type: 'delay', duration: '{{ trigger.pause }}' }, after: anAction() },
    edges: ['start -> pause', 'pause -> after'],
  });

  it('waits until an absolute time, and goes on once', async () => {
    const run = await startRun(plan, { pause: '2h' });
    expect(run.state().status).toBe('waiting');
    await run.wait(7_199_999);
    expect(run.scheduled()).toEqual([]);
    await run.wait(1);
    expect(run.scheduled()).toEqual(['after']);
    expect(run.state().scopes['root']?.steps['pause']?.output).toEqual({ until: '2026-03-01T02:00:00.000Z' });
    await run.send({ type: 'timerFired', timerId: 'delay:pause:1' });
    expect(run.scheduled()).toEqual(['after']);
  });

  it('parks at a duration that is none, and says what would be one', async () => {
    const run = await startRun(plan, { pause: 'soon' });
    expect(run.state().scopes['root']?.steps['pause']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'expression_failed', message: expect.stringContaining('"soon" is no duration') },
    });
  });

  it('schedules a deferred step again under the same id, without an attempt', async () => {
    const run = await startRun(aPlan({ steps: { a: anAction() }, edges: ['start -> a'] }));
    const until = Date.UTC(2026, 2, 1, 0, 1);
    await run.send({ type: 'stepDeferred', path: 'a', ordinal: 1, until, reason: '429' });
    expect(run.state().status).toBe('waiting');
    await run.wait(60_000);
    expect(run.scheduled()).toEqual(['a', 'a']);
    expect(run.commands()).toMatchObject([{ type: 'scheduleActivity', ordinal: 1, generation: 1 }]);
  });

  it('ends a run as failed at its time limit', async () => {
    const limited = aPlan({ steps: { pause: { type: 'delay', duration: '300d' } }, edges: ['start -> pause'] });
    const run = await startRun(limited);
    await run.wait(60 * 86_400_000);
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'run_timed_out' } });
    expect(run.statuses()).toMatchObject({ pause: 'cancelled' });
  });
});

describe('cancel', () => {
  it('stops what runs, waits for it, and ends as cancelled', async () => {
    const plan = aPlan({
      steps: { a: anAction(), b: anAction(), pause: { type: 'delay', duration: '1h' }, next: anAction() },
      edges: ['start -> a', 'start -> b', 'start -> pause', 'a -> next'],
    });
    const run = await startRun(plan);
    await run.send({ type: 'cancelRequested' });
    expect(run.commands()).toEqual([
      { type: 'cancelTimer', timerId: 'run' },
      { type: 'cancelTimer', timerId: 'delay:pause:1' },
      { type: 'cancelActivity', path: 'a', ordinal: 1 },
      { type: 'cancelActivity', path: 'b', ordinal: 1 },
    ]);
    await run.send({ type: 'cancelRequested' });
    expect(run.commands()).toEqual([]);
    await run.succeed('a');
    expect(run.state().status).toBe('running');
    await run.send({ type: 'stepCancelled', path: 'b', ordinal: 1 });
    expect(run.commands()).toEqual([{ type: 'closeRun', status: 'cancelled' }]);
    expect(run.statuses()).toEqual({
      start: 'succeeded',
      a: 'succeeded',
      b: 'cancelled',
      pause: 'cancelled',
      next: 'skipped',
    });
  });

  it('takes no further event once it has ended', async () => {
    const run = await startRun(aPlan({ steps: { a: anAction() }, edges: ['start -> a'] }));
    await run.succeed('a');
    const ended = run.state();
    await run.send({ type: 'cancelRequested' });
    expect(run.state()).toEqual(ended);
  });
});

describe('advance', () => {
  it('leaves the state it was given as it was', async () => {
    const plan = aPlan({ steps: { a: anAction(), b: anAction() }, edges: ['start -> a', 'a -> b'] });
    const run = await startRun(plan);
    const before = run.state();
    const copy = JSON.stringify(before);
    await advance(plan, before, { type: 'stepSucceeded', path: 'a', ordinal: 1, output: { x: 1 }, at: 1 });
    await advance(plan, before, { type: 'cancelRequested', at: 1 });
    expect(JSON.stringify(before)).toBe(copy);
  });

  it('numbers its reports without gaps', async () => {
    const plan = aPlan({ steps: { a: anAction(), b: anAction() }, edges: ['start -> a', 'a -> b'] });
    const run = await startRun(plan);
    await run.succeed('a');
    await run.succeed('b');
    const numbers = run.reports().map((command) => ('transition' in command ? command.transition.seq : 0));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(5);
  });

  it('ignores the result of an ordinal that is not current', async () => {
    const run = await startRun(aPlan({ steps: { a: anAction() }, edges: ['start -> a'] }));
    await run.send({ type: 'stepSucceeded', path: 'a', ordinal: 2, output: 'late' });
    expect(run.statuses()).toMatchObject({ a: 'running' });
  });

  it('refuses to go on from a state that cannot end, and names the steps', async () => {
    const plan = aPlan({ steps: { a: anAction(), b: anAction() }, edges: ['start -> a', 'a -> b'] });
    const state = createState(plan);
    const b = state.scopes['root']?.steps['b'];
    if (b) b.pendingEdges = 2;
    const started = await advance(plan, state, {
      type: 'started',
      at: 0,
      triggerStepId: 'start',
      trigger: null,
      run: { id: '', url: '', flowName: '' },
      seed: 1,
    });
    const last = advance(plan, started.state, { type: 'stepSucceeded', path: 'a', ordinal: 1, output: null, at: 1 });
    await expect(last).rejects.toThrow('stalled: nothing is under way, and b never ended');
  });
});
