import { describe, expect, it } from 'vitest';
import { evaluateRequest } from '../flow/expression/evaluation-request.ts';
import { generationOfFork } from '../flow/generation.ts';
import type { Json, Plan } from '../flow/plan.ts';
import { evaluateActivity, type LargeValue } from '../run/large-value.ts';
import { advance } from './advance.ts';
import type { Command } from './command.ts';
import { forkState } from './fork/fork-state.ts';
import type { RunRecord } from './fork/run-record.ts';
import { migrateState } from './migrate/migrate-state.ts';
import type { RunState } from './state.ts';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun, type TestRun } from './testing/a-run.ts';
import {
  answer,
  fetch,
  flowOf,
  give,
  largeValue,
  page,
  type Scheduled,
  scheduledNow,
  stored,
} from './testing/large-values.ts';
import { recordOf } from './testing/play-run.ts';

describe('a step that waits for an event and compares it with a large value', () => {
  const waiting = (changes: { readonly variable?: boolean } = {}) => {
    const list = changes.variable ? 'vars.page' : 'steps.fetch.output';
    const match = { left: `{{ event.data.id in ${list}.body.items.id }}`, operator: 'isTrue' } as const;
    const wait = {
      type: 'waitForEvent' as const,
      event: 'seen',
      correlationKey: 'key',
      match,
      timeout: null,
    };
    return changes.variable
      ? flowOf({ set: { type: 'setVariables', variables: { page: '{{ steps.fetch.output }}' } }, wait }, [
          'fetch -> set',
          'set -> wait',
        ])
      : flowOf({ wait }, ['fetch -> wait']);
  };
  const bring = (run: TestRun, id: number) =>
    run.send({
      type: 'eventArrived',
      path: 'wait',
      ordinal: 1,
      event: { id: `event-${id}`, name: 'seen', correlationKey: 'key', data: { id }, receivedAt: '' },
    });

  it.each([false, true])(
    'fetches what it reads before it waits, and decides at once (in a variable: %s)',
    async (variable) => {
      const run = await startRun(waiting({ variable }));
      await give(run, 'fetch', page);
      if (variable) await answer(run);
      expect(await answer(run)).toMatchObject({ activityId: 'wait!1', evaluate: { work: { type: 'excerpts' } } });
      expect(run.state()).toMatchObject({ status: 'waiting' });
      expect(JSON.stringify(run.state())).not.toContain('xxxx');
      await bring(run, 9);
      expect(run.commands()).toEqual([]);
      expect(run.statuses()).toMatchObject({ wait: 'waiting' });
      await bring(run, 2);
      expect(run.statuses()).toMatchObject({ wait: 'succeeded' });
      expect(run.state().scopes['root']?.steps['wait']).not.toHaveProperty('excerpts');
    },
  );

  it('parks, without having taken the event, when the value came after it had begun to wait', async () => {
    const match = { left: '{{ event.data.id in vars.page.body.items.id }}', operator: 'isTrue' } as const;
    const wait = { type: 'waitForEvent' as const, event: 'seen', correlationKey: 'key', match, timeout: null };
    const set = { type: 'setVariables' as const, variables: { page: '{{ steps.fetch.output }}' } };
    const run = await startRun(
      aPlan({ steps: { fetch, wait, set }, edges: ['start -> wait', 'start -> fetch', 'fetch -> set'] }),
    );
    await give(run, 'fetch', page);
    await answer(run);
    await bring(run, 2);
    expect(run.state().scopes['root']?.steps['wait']).toMatchObject({
      status: 'needs_attention',
      failure: {
        name: 'expression_failed',
        message: expect.stringContaining('match: It reads a value that was set after'),
      },
    });
    await run.repair({ action: 'retryStep', path: 'wait' });
    await answer(run);
    await run.send({
      type: 'eventArrived',
      path: 'wait',
      ordinal: 2,
      event: { id: 'event-2', name: 'seen', correlationKey: 'key', data: { id: 2 }, receivedAt: '' },
    });
    expect(run.statuses()).toMatchObject({ wait: 'succeeded' });
  });
});

describe('an undo step that reads a large value', () => {
  const doomed = anAction({ onFailure: 'fail' });

  it('evaluates its input by itself', async () => {
    const run = await startRun(
      flowOf(
        {
          fetch: { ...fetch, undo: 'unfetch' },
          unfetch: anAction({ undoes: 'fetch', input: '{{ steps.fetch.output }}' }),
          doomed,
        },
        ['fetch -> doomed'],
      ),
    );
    await give(run, 'fetch', page);
    await run.fail('doomed');
    const [undo] = scheduledNow(run);
    expect(undo).toMatchObject({
      path: 'unfetch',
      input: null,
      evaluate: { references: [{ path: ['steps', 'fetch', 'output'] }] },
    });
  });

  it('does so too when its iteration has ended long before', async () => {
    const run = await startRun(
      flowOf(
        {
          each: { type: 'forEach', items: [1], concurrency: 1, onItemFailure: 'park', result: 'small' },
          load: anAction({ undo: 'unload' }),
          unload: anAction({ undoes: 'load', input: { all: '{{ steps.load.output }}' } }),
          doomed,
        },
        ['fetch -> each', 'each -> doomed'],
        { each: ['load', 'unload'] },
      ),
    );
    await run.succeed('fetch', 1);
    await give(run, 'each[0].load', page);
    await run.fail('doomed');
    const [undo] = scheduledNow(run);
    if (!undo?.evaluate) throw new Error('Its input was evaluated here.');
    expect(undo).toMatchObject({ path: 'each[0].unload' });
    const reply = await evaluateRequest(undo.evaluate, async ({ sha256 }) => stored.get(sha256) as Json);
    expect(reply).toEqual({ ok: true, value: { all: page } });
  });
});

describe('a sub-flow that gives a large value', () => {
  const plan = aPlan({
    steps: {
      ship: {
        type: 'subflow',
        plan: { ...aPlan({ steps: {}, edges: [] }), flowId: 'flow_2' },
        planHash: 'hash',
        trigger: { stepId: 'start', kind: 'trigger.manual' },
        input: {},
        mode: 'wait',
      },
      done: { type: 'return', output: '{{ steps.ship.output }}' },
    },
    edges: ['start -> ship', 'ship -> done'],
  });
  const end = (run: TestRun, outputReference: LargeValue['reference']) =>
    run.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'succeeded', outputReference } });

  it('hands on its reference, which its parent makes its own before it goes on', async () => {
    const run = await startRun(plan);
    const { reference } = largeValue(page);
    await end(run, reference);
    expect(run.state().status).toBe('running');
    expect(scheduledNow(run)).toMatchObject([
      { path: 'ship', activity: evaluateActivity, evaluate: { work: { type: 'adopt', reference } } },
    ]);
    await end(run, reference);
    expect(run.commands()).toEqual([]);
    await run.send({ type: 'stepSucceeded', path: 'ship', ordinal: 1, output: { ok: true }, large: { reference } });
    expect(run.state()).toMatchObject({ status: 'succeeded', outputReference: reference });
  });

  it('is not waited for any more when the run is cancelled meanwhile', async () => {
    const run = await startRun(plan);
    await end(run, largeValue(page).reference);
    await run.send({ type: 'cancelRequested' });
    expect(run.commands()).toContainEqual({ type: 'cancelActivity', path: 'ship', ordinal: 1 });
    await run.send({ type: 'stepCancelled', path: 'ship', ordinal: 1 });
    expect(run.state().status).toBe('cancelled');
  });
});

it('a run that is superseded waits for no evaluation', async () => {
  const guard = { type: 'try' as const, catches: null, result: '{{ $sum(steps.load.output.body.items.id) }}' };
  const check = { left: '{{ $count(steps.fetch.output.body.items) }}', operator: 'equals', right: 3 } as const;
  const run = await startRun(
    flowOf(
      { guard, load: anAction(), check: { type: 'condition', condition: check } },
      ['start -> guard', 'fetch -> check'],
      {
        guard: ['load'],
      },
    ),
  );
  await give(run, 'guard.load', page);
  await give(run, 'fetch', page);
  await run.send({ type: 'superseded', by: 'run_2' });
  expect(run.commands().filter(({ type }) => type === 'cancelActivity')).toEqual([
    { type: 'cancelActivity', path: 'guard!', ordinal: 1 },
    { type: 'cancelActivity', path: 'check', ordinal: 1 },
  ]);
  await run.send({ type: 'stepCancelled', path: 'guard!', ordinal: 1 });
  await run.send({ type: 'stepCancelled', path: 'check', ordinal: 1 });
  expect(run.state().status).toBe('superseded');
});

describe('a fork of a run with large values', () => {
  const generation = generationOfFork(1);
  const forkedAs = { at: 5_000_000, run: { id: 'run_2', url: '', flowName: 'Any' }, seed: 9 };
  type Variables = NonNullable<RunRecord['variables']>;
  const forkAt = async (
    plan: Plan,
    run: TestRun,
    order: { readonly at: string; readonly outputs?: { [path: string]: Json } },
    variables: Variables = {},
  ) => {
    const record = { ...recordOf({ state: run.state(), commands: run.reports() }), variables };
    const forked = await forkState(plan, record, { outputs: {}, generation, ...order }, forkedAs);
    if (!forked.ok) throw new Error(JSON.stringify(forked.problems));
    return forked;
  };
  const goOn = async (
    plan: Plan,
    { state, commands }: { readonly state: RunState; readonly commands: readonly Command[] },
  ) => {
    const resumed = await advance(plan, state, { type: 'resumed', at: 5_000_000 });
    return {
      state: resumed.state,
      scheduled: [...commands, ...resumed.commands].filter(
        (command): command is Scheduled => command.type === 'scheduleActivity',
      ),
    };
  };
  const sha256Of = (value: LargeValue | undefined) => value?.reference.sha256;

  it('reads what stands by its reference, and in place of it what a person has edited', async () => {
    const plan = flowOf({ send: anAction({ input: '{{ steps.fetch.output.body.total }}' }) }, ['fetch -> send']);
    const run = await startRun(plan);
    await give(run, 'fetch', page, ['body.total']);
    await run.succeed('send', 1);
    const { state, scheduled, kept } = await forkAt(plan, run, { at: 'send' }).then(async (forked) => ({
      ...forked,
      ...(await goOn(plan, forked)),
    }));
    expect(state.scopes['root']?.steps['fetch']?.large?.reference).toEqual(
      run.state().scopes['root']?.steps['fetch']?.large?.reference,
    );
    expect(kept.find(({ path }) => path === 'fetch')).toHaveProperty('outputReference');
    expect(scheduled).toMatchObject([
      { path: 'send', input: null, evaluate: { references: [{ path: ['steps', 'fetch', 'output'] }] } },
    ]);
    const edited = await goOn(
      plan,
      await forkAt(plan, run, { at: 'send', outputs: { fetch: { body: { total: 9 } } } }),
    );
    expect(edited.scheduled).toMatchObject([{ path: 'send', input: 9 }]);
    expect(edited.state.scopes['root']?.steps['fetch']).not.toHaveProperty('large');
  });

  it('has the variables of before, each by itself', async () => {
    const plan = flowOf(
      {
        set: { type: 'setVariables', variables: { page: '{{ steps.fetch.output }}', one: 1 } },
        send: anAction({ input: ['{{ vars.one }}'] }),
        done: { type: 'return', output: '{{ vars.page }}' },
      },
      ['fetch -> set', 'set -> send', 'send -> done'],
    );
    const run = await startRun(plan);
    await give(run, 'fetch', page);
    await answer(run);
    await run.succeed('send', 1);
    const large = run.state().largeVars?.['page'] ?? largeValue(page);
    const forked = await forkAt(plan, run, { at: 'send' }, { set: { page: { large }, one: { output: 1 } } });
    expect(forked.state.vars).toEqual({ one: 1 });
    expect(sha256Of(forked.state.largeVars?.['page'])).toBe(sha256Of(large));
    expect((await goOn(plan, forked)).scheduled).toMatchObject([{ path: 'send', input: [1] }]);
  });

  it('puts together anew, by an activity, what the ended items of its loop gave', async () => {
    const plan = flowOf(
      {
        each: {
          type: 'forEach',
          items: [1, 2],
          concurrency: 2,
          onItemFailure: 'park',
          result: '{{ steps.load.output.body.total + $count(steps.load.output.body.items) }}',
        },
        load: anAction(),
        after: anAction(),
      },
      ['fetch -> each', 'each -> after'],
      { each: ['load'] },
    );
    const run = await startRun(plan);
    await run.succeed('fetch', 1);
    await give(run, 'each[0].load', page);
    await answer(run);
    await run.fail('each[1].load');
    const forked = await forkAt(plan, run, { at: 'each[1].load' });
    expect(forked.commands).toMatchObject([{ type: 'scheduleActivity', path: 'each[0]!', activity: evaluateActivity }]);
    const { scheduled } = await goOn(plan, forked);
    expect(scheduled.map(({ path }) => path)).toEqual(['each[0]!', 'each[1].load']);
  });

  it('lets who waited for a person be retried with the input it had', async () => {
    const plan = flowOf({ risky: anAction({ input: '{{ steps.fetch.output }}' }), send: anAction() }, [
      'fetch -> risky',
      'fetch -> send',
    ]);
    const run = await startRun(plan);
    await give(run, 'fetch', page);
    await run.succeed('send', 1);
    await run.fail('risky');
    const { recipe } = run.state().scopes['root']?.steps['risky'] ?? {};
    const { state } = await goOn(plan, await forkAt(plan, run, { at: 'send' }));
    expect(state.scopes['root']?.steps['risky']).toMatchObject({ status: 'needs_attention', recipe });
    expect(recipe).toBeDefined();
  });
});

it('a run that moves to another version takes its large values along', async () => {
  const pause = { type: 'delay' as const, duration: '1h' };
  const from = flowOf({ pause, old: anAction() }, ['fetch -> pause', 'pause -> old']);
  const to = {
    ...flowOf({ pause, next: anAction({ input: '{{ steps.fetch.output }}' }) }, ['fetch -> pause', 'pause -> next']),
    flowVersion: 2,
  };
  const run = await startRun(from);
  await give(run, 'fetch', page);
  const migrated = migrateState(from, to, run.state(), 1);
  if (!migrated.ok) throw new Error(JSON.stringify(migrated.problems));
  const [timerId = ''] = Object.keys(run.state().timers).filter((id) => id.startsWith('delay'));
  const { commands } = await advance(to, migrated.state, { type: 'timerFired', timerId, at: Date.UTC(2026, 2, 2) });
  expect(commands).toContainEqual(
    expect.objectContaining({ path: 'next', evaluate: expect.objectContaining({ references: [expect.anything()] }) }),
  );
});
