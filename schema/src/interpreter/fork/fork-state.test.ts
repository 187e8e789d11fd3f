import { describe, expect, it } from 'vitest';
import { generationOfFork } from '../../flow/generation.ts';
import type { Json, Plan } from '../../flow/plan.ts';
import { advance } from '../advance.ts';
import { childRunIdOf } from '../child-run-id.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { type OutcomeOf, playRun, type PlayedRun, recordOf } from '../testing/play-run.ts';
import type { ForkOrder } from './fork-order.ts';
import { forkState } from './fork-state.ts';

const generation = generationOfFork(1);
const forkedAs = { at: 5_000_000, run: { id: 'run_2', url: '', flowName: 'Any' }, seed: 9 };
const ok: OutcomeOf = (path) => ({ output: path });
const play = (plan: Plan, outcomeOf: OutcomeOf = ok) => playRun({ plan, outcomeOf, choices: [] });
const fork = (plan: Plan, played: PlayedRun, order: Partial<ForkOrder> & { at: string }) =>
  forkState(plan, recordOf(played), { outputs: {}, generation, ...order }, forkedAs);
const goOn = async (plan: Plan, forked: Awaited<ReturnType<typeof fork>>, outcomeOf: OutcomeOf = ok) => {
  if (!forked.ok) throw new Error(JSON.stringify(forked.problems));
  return playRun({ plan, outcomeOf, choices: [], from: { state: forked.state, reports: forked.kept } });
};
const scheduled = ({ commands }: PlayedRun) =>
  commands.flatMap((command) =>
    command.type === 'scheduleActivity'
      ? [{ path: command.path, input: command.input, generation: command.generation }]
      : [],
  );
const codes = (forked: Awaited<ReturnType<typeof fork>>) =>
  forked.ok ? [] : forked.problems.map(({ code, path }) => [code, path]);

const chain = aPlan({
  steps: {
    fetch: anAction(),
    count: { type: 'setVariables', variables: { total: '{{ steps.fetch.output }}' } },
    send: anAction({ input: { text: '{{ steps.fetch.output }}', total: '{{ vars.total }}' } }),
    later: { type: 'setVariables', variables: { total: 'later' } },
    after: anAction({ input: { sent: '{{ steps.send.output }}', total: '{{ vars.total }}' } }),
  },
  edges: ['start -> fetch', 'fetch -> count', 'count -> send', 'send -> later', 'later -> after'],
});

describe('a fork', () => {
  it('reads the outputs that a person has edited, and the variables as they were at its step', async () => {
    const played = await play(chain);
    const forked = await fork(chain, played, { at: 'send', outputs: { fetch: 'edited' } });
    expect(forked.ok && forked.state.vars).toEqual({ total: 'fetch' });
    expect(scheduled(await goOn(chain, forked))).toEqual([
      { path: 'send', input: { text: 'edited', total: 'fetch' }, generation },
      { path: 'after', input: { sent: 'send', total: 'later' }, generation },
    ]);
  });

  it('takes an edited input for its own step, as an effect of its own', async () => {
    const forked = await fork(chain, await play(chain), { at: 'send', input: { text: 'by hand' } });
    expect(scheduled(await goOn(chain, forked))[0]).toEqual({
      path: 'send',
      input: { text: 'by hand' },
      generation: generation + 1,
    });
  });

  it('reads an edited trigger', async () => {
    const plan = aPlan({ steps: { send: anAction({ input: '{{ trigger.to }}' }) }, edges: ['start -> send'] });
    const forked = await fork(plan, await play(plan), { at: 'send', outputs: { start: { to: 'Ada' } } });
    expect(scheduled(await goOn(plan, forked))[0]?.input).toBe('Ada');
  });

  it('says why it cannot be', async () => {
    const plan = aPlan({
      steps: {
        fetch: anAction(),
        which: { type: 'condition', condition: { left: 'true', operator: 'isTrue' } },
        yes: anAction(),
        no: anAction(),
        join: { type: 'merge', policy: { join: 'all' } },
        send: anAction(),
      },
      edges: [
        'start -> fetch',
        'fetch -> which',
        'which:true -> yes',
        'which:false -> no',
        'yes -> join',
        'no -> join',
        'join -> send',
      ],
    });
    const played = await play(plan);
    expect(codes(await fork(plan, played, { at: 'nothing' }))).toEqual([['unknown_step', 'nothing']]);
    expect(codes(await fork(plan, played, { at: 'each[0].send' }))).toEqual([['unknown_step', 'each[0].send']]);
    expect(codes(await fork(plan, played, { at: 'no' }))).toEqual([['step_not_reached', 'no']]);
    expect(codes(await fork(plan, played, { at: 'send', outputs: { no: 1 } }))).toEqual([['output_not_kept', 'no']]);
    expect(codes(await fork(plan, played, { at: 'yes', outputs: { join: 1 } }))).toEqual([['output_not_kept', 'join']]);
    expect(codes(await fork(plan, played, { at: 'send', outputs: { which: 'x' } }))).toContainEqual([
      'output_does_not_fit',
      'which',
    ]);
    expect(codes(await fork(plan, played, { at: 'send', outputs: { which: false } }))).toContainEqual([
      'path_not_taken',
      'yes',
    ]);
    expect(codes(await fork(plan, played, { at: 'join', input: null }))).toEqual([['input_not_editable', 'join']]);
  });

  it('goes no other way while what has run on the first one stands', async () => {
    const plan = aPlan({
      steps: {
        which: { type: 'condition', condition: { left: 'true', operator: 'isTrue' } },
        yes: anAction(),
        no: anAction(),
      },
      edges: ['start -> which', 'which:true -> yes', 'which:false -> no'],
    });
    const played = await play(plan);
    const outputs = { which: false };
    expect(codes(await fork(plan, played, { at: 'no', outputs }))).toEqual([['path_not_taken', 'yes']]);
  });
});

describe('a fork in a loop', () => {
  const plan = aPlan({
    steps: {
      each: {
        type: 'forEach',
        items: '{{ $map([0..9], function($n) { $n }) }}',
        concurrency: 2,
        onItemFailure: 'park',
        result: '{{ steps.send.output }}',
      },
      get: anAction({ input: '{{ item }}' }),
      send: anAction({ input: '{{ steps.get.output }}' }),
      after: anAction({ input: '{{ steps.each.output.results }}' }),
    },
    edges: ['start -> each', 'get -> send', 'each -> after'],
    frames: { each: ['get', 'send'] },
  });

  it('repeats its iteration from its step on, keeps what the others gave, and goes on behind the loop', async () => {
    const forked = await fork(plan, await play(plan), { at: 'each[7].send', outputs: { 'each[7].get': 'edited' } });
    const end = await goOn(plan, forked, (path) => ({ output: path === 'each[7].send' ? 'anew' : path }));
    const results: Json[] = Array.from({ length: 10 }, (_, at) => (at === 7 ? 'anew' : `each[${at}].send`));
    expect(scheduled(end)).toEqual([
      { path: 'each[7].send', input: 'edited', generation },
      { path: 'after', input: results, generation },
    ]);
    expect(end.state.scopes['root']?.steps['each']?.output).toMatchObject({ results, count: 10, failed: [] });
  });

  it('goes on with the items that had not begun, as the same effects', async () => {
    const parked = await play(plan, (path) => (/\[[23]\].send/.test(path) ? 'fails' : { output: path }));
    expect(parked.state.status).toBe('needs_attention');
    const end = await goOn(plan, await fork(plan, parked, { at: 'each[3].send' }));
    expect(end.state.status).toBe('needs_attention');
    const paths = scheduled(end).map(({ path, generation: used }) => [path, used]);
    expect(paths.slice(0, 3)).toEqual([
      ['each[3].send', generation],
      ['each[4].get', 1],
      ['each[4].send', 1],
    ]);
    expect(paths).toHaveLength(1 + 6 * 2);
    expect(end.state.scopes['each[2]']?.steps['send']?.status).toBe('needs_attention');
  });

  const loopingFor = (maximumIterations: number) =>
    aPlan({
      steps: {
        again: {
          type: 'while',
          condition: { left: '{{ loop.index }}', operator: 'lessThan', right: 3 },
          check: 'before',
          maximumIterations,
          result: null,
        },
        one: anAction(),
        two: anAction(),
      },
      edges: ['start -> again', 'one -> two'],
      frames: { again: ['one', 'two'] },
    });

  it('runs the later iterations of a while again, as new effects', async () => {
    const looping = loopingFor(10);
    const end = await goOn(looping, await fork(looping, await play(looping), { at: 'again[1].two' }));
    expect(scheduled(end).map(({ path, generation: used }) => [path, used])).toEqual([
      ['again[1].two', generation],
      ['again[2].one', generation],
      ['again[2].two', generation],
    ]);
  });

  describe('that is begun again by a person', () => {
    const by = { userId: 'user_1', name: 'Ada', role: 'operator' } as const;
    const retry = async (of: Plan, { state }: PlayedRun, path: string, output = '1'): Promise<PlayedRun> => {
      expect(state.status).toBe('needs_attention');
      const repair = { action: 'retryStep', path } as const;
      const begun = await advance(of, state, { type: 'repaired', at: 9_000_000, repair, by });
      const from = { state: begun.state };
      const { commands, ...end } = await playRun({ plan: of, outcomeOf: () => ({ output }), choices: [], from });
      return { ...end, commands: [...begun.commands, ...commands] };
    };

    it('repeats what stands as the effect that it was, in the iterations of a while', async () => {
      const looping = loopingFor(2);
      const forked = await goOn(looping, await fork(looping, await play(looping), { at: 'again[1].two' }));
      const end = await retry(looping, forked, 'again');
      expect(scheduled(end).map(({ path, generation: used }) => [path, used])).toEqual([
        ['again[0].one', 1],
        ['again[0].two', 1],
        ['again[1].one', 1],
        ['again[1].two', generation],
      ]);
    });

    it('repeats what the fork did as the effect of the fork, with its edited input', async () => {
      const counting = aPlan({
        steps: {
          each: {
            type: 'forEach',
            items: [0, 1],
            concurrency: 1,
            onItemFailure: 'stop',
            result: '{{ $number(steps.put.output) }}',
          },
          get: anAction({ input: '{{ item }}' }),
          put: anAction({ input: '{{ steps.get.output }}' }),
        },
        edges: ['start -> each', 'get -> put'],
        frames: { each: ['get', 'put'] },
      });
      const played = await play(counting, () => ({ output: '1' }));
      const begun = await fork(counting, played, { at: 'each[1].get', input: 'by hand' });
      const end = await retry(counting, await goOn(counting, begun, () => ({ output: 'none' })), 'each');
      expect(scheduled(end).map(({ path, input, generation: used }) => [path, input, used])).toEqual([
        ['each[0].get', 0, 1],
        ['each[0].put', '1', 1],
        ['each[1].get', 'by hand', generation + 1],
        ['each[1].put', '1', generation],
      ]);
    });
  });

  it('is refused for an item that had not begun', async () => {
    const parked = await play(plan, (path) => (path.endsWith('get') ? 'fails' : { output: path }));
    expect(codes(await fork(plan, parked, { at: 'each[7].get' }))).toEqual([['step_not_reached', 'each']]);
  });
});

it('a wait beside the fork goes on until the same moment, and who waited for a person still does', async () => {
  const plan = aPlan({
    steps: { pause: { type: 'delay', duration: '10m' }, risky: anAction(), send: anAction() },
    edges: ['start -> pause', 'start -> risky', 'start -> send'],
  });
  const played = await playRun({
    plan,
    outcomeOf: (path) => (path === 'risky' ? 'fails' : { output: 1 }),
    choices: [],
    events: 2,
  });
  const forked = await fork(plan, played, { at: 'send' });
  if (!forked.ok) throw new Error('It must be possible.');
  expect(forked.state.timers['delay:pause:1']).toEqual(played.state.timers['delay:pause:1']);
  expect(forked.state.scopes['root']?.steps['risky']).toMatchObject({ status: 'needs_attention', generation: 1 });
  expect(forked.kept.map(({ path, status }) => [path, status])).toContainEqual(['risky', 'needs_attention']);
});

describe('a fork beside a try that was stopped', () => {
  const tidying = { type: 'try', catches: null, result: null } as const;
  const plan = aPlan({
    steps: {
      all: tidying,
      risky: anAction(),
      files: tidying,
      inner: tidying,
      write: anAction(),
      close: { type: 'finally' },
      shut: anAction(),
      sweep: { type: 'finally' },
      remove: anAction(),
    },
    edges: ['start -> all'],
    frames: {
      all: ['risky', 'files'],
      files: ['inner', 'sweep'],
      inner: ['write', 'close'],
      close: ['shut'],
      sweep: ['remove'],
    },
  });
  const failing: OutcomeOf = (path) => (path === 'all.risky' ? 'fails' : { output: path });
  const cleanups = ['all.files.inner.close', 'all.files.sweep'];

  it('leaves each finally as it is when all in the try had been done', async () => {
    const played = await playRun({ plan, outcomeOf: failing, choices: [1, 0] });
    expect(scheduled(played).map(({ path }) => path)).toEqual([
      'all.risky',
      'all.files.inner.write',
      'all.files.inner.close.shut',
      'all.files.sweep.remove',
    ]);
    const forked = await fork(plan, played, { at: 'all.risky' });
    expect(forked.ok && cleanups.map(forked.isAgain)).toEqual([false, false]);
    const end = await goOn(plan, forked);
    expect(scheduled(end).map(({ path }) => path)).toEqual(['all.risky']);
    expect(end.state.scopes['root']?.steps['all']?.status).toBe('succeeded');
  });

  it('has on record what a frame gave that ends while its state is rebuilt', async () => {
    const played = await playRun({ plan, outcomeOf: failing, choices: [1, 0] });
    const recorded = (run: PlayedRun) => recordOf(run).steps.find(({ path }) => path === 'all.files');
    expect(recorded(played)?.status).toBe('cancelled');
    const end = await goOn(plan, await fork(plan, played, { at: 'all.risky' }));
    expect(recorded(end)).toMatchObject({ status: 'succeeded', output: 'all.files.inner.write' });
  });

  it('runs each finally again, as a new effect, when something in the try had been cut off', async () => {
    const forked = await fork(plan, await playRun({ plan, outcomeOf: failing, choices: [0] }), { at: 'all.risky' });
    expect(forked.ok && cleanups.map(forked.isAgain)).toEqual([true, true]);
    const end = await goOn(plan, forked);
    expect(scheduled(end).map(({ path, generation: used }) => [path, used])).toEqual([
      ['all.risky', generation],
      ['all.files.inner.write', 1],
      ['all.files.inner.close.shut', generation],
      ['all.files.sweep.remove', generation],
    ]);
  });
});

describe('a fork of a run with a sub-flow', () => {
  const other = { ...aPlan({ steps: {}, edges: [] }), flowId: 'flow_2', title: 'Shipping' };
  const plan = aPlan({
    steps: {
      pick: anAction(),
      ship: {
        type: 'subflow',
        plan: other,
        planHash: 'other',
        trigger: { stepId: 'start', kind: 'trigger.manual' },
        input: '{{ steps.pick.output }}',
        mode: 'wait',
      },
      tell: anAction({ input: '{{ steps.ship.output }}' }),
    },
    edges: ['start -> pick', 'pick -> ship', 'ship -> tell'],
  });
  const startsOf = ({ commands }: PlayedRun) =>
    commands.flatMap((command) => (command.type === 'startChild' ? [command] : []));
  const child = { originRunId: 'run_3', rootRunId: 'run_3', at: 'send', outputs: {}, generation };

  it('keeps what the sub-flow gave, and starts it no second time, behind it', async () => {
    const end = await goOn(plan, await fork(plan, await play(plan), { at: 'tell' }));
    expect(startsOf(end)).toEqual([]);
    expect(scheduled(end)).toEqual([{ path: 'tell', input: 'ship', generation }]);
  });

  it('starts another run at the sub-flow itself, with an edited input where one is given', async () => {
    const played = await play(plan);
    const [start] = startsOf(await goOn(plan, await fork(plan, played, { at: 'ship' })));
    expect(start).toEqual({ ...start, path: 'ship', ordinal: 1, input: 'pick' });
    expect(start?.childRunId).not.toBe(startsOf(played)[0]?.childRunId);
    const edited = startsOf(await goOn(plan, await fork(plan, played, { at: 'ship', input: { by: 'hand' } })));
    expect(edited).toMatchObject([{ input: { by: 'hand' } }]);
  });

  it('goes on inside it: with the input that it had, once, and a retry is another run', async () => {
    const forked = await fork(plan, await play(plan), { at: 'ship', outputs: { pick: 'edited' }, child });
    const end = await goOn(plan, forked, (path) => (path === 'ship' ? 'fails' : { output: path }));
    expect(startsOf(end)).toMatchObject([{ path: 'ship', input: 'pick', fork: child }]);
    expect(end.state.status).toBe('needs_attention');
    const at = 6_000_000;
    const by = { userId: 'user_1', name: 'Ada', role: 'operator' };
    const retried = await advance(plan, end.state, {
      type: 'repaired',
      at,
      by,
      repair: { action: 'retryStep', path: 'ship' },
    });
    expect(retried.commands.find(({ type }) => type === 'startChild')).toEqual({
      type: 'startChild',
      path: 'ship',
      ordinal: 2,
      childRunId: childRunIdOf('run_2', 'ship', 2),
      input: 'pick',
    });
  });

  it('goes on inside no step that is none, or has not begun', async () => {
    const parked = await play(plan, (path) => (path === 'pick' ? 'fails' : { output: path }));
    expect(codes(await fork(plan, parked, { at: 'pick', child }))).toEqual([['no_subflow', 'pick']]);
    expect(codes(await fork(plan, parked, { at: 'ship', child }))).toContainEqual(['not_recorded', 'ship']);
  });

  it('begins one that had not ended anew, and says so, although the fork is elsewhere', async () => {
    const beside = {
      ...plan,
      ...aPlan({
        steps: { ship: { ...plan.steps['ship'], input: null } as never, send: anAction() },
        edges: ['start -> ship', 'start -> send'],
      }),
    };
    const played = await playRun({ plan: beside, outcomeOf: ok, choices: [1], events: 1 });
    const forked = await fork(beside, played, { at: 'send' });
    expect(forked.ok && ['ship', 'send', 'start'].map(forked.isAgain)).toEqual([true, true, false]);
    expect(startsOf(await goOn(beside, forked))).toMatchObject([{ path: 'ship' }]);
  });
});

describe('a fork of a run whose effects have been undone', () => {
  const plan = aPlan({
    steps: {
      reserve: anAction({ undo: 'release' }),
      release: anAction({ undoes: 'reserve' }),
      note: anAction(),
      charge: anAction({ onFailure: 'fail' }),
    },
    edges: ['start -> reserve', 'reserve -> note', 'note -> charge'],
  });
  const failing: OutcomeOf = (path) => (path === 'charge' ? 'fails' : { output: path });

  it('lists what stands although it was undone, and undoes that no second time', async () => {
    const played = await play(plan, failing);
    expect(played.state.status).toBe('failed');
    const forked = await fork(plan, played, { at: 'charge' });
    expect(forked.ok && forked.undone).toEqual(['reserve']);
    const end = await goOn(plan, forked, failing);
    expect(scheduled(end).map(({ path }) => path)).toEqual(['charge']);
  });

  it('lists nothing where the step runs again, and can undo it anew', async () => {
    const forked = await fork(plan, await play(plan, failing), { at: 'reserve' });
    expect(forked.ok && forked.undone).toEqual([]);
    const end = await goOn(plan, forked, failing);
    expect(scheduled(end).map(({ path, generation: used }) => [path, used])).toEqual([
      ['reserve', generation],
      ['note', generation],
      ['charge', generation],
      ['release', generation],
    ]);
  });
});
