import { describe, expect, it } from 'vitest';
import { generationOfFork } from '../../flow/generation.ts';
import type { Json, Plan } from '../../flow/plan.ts';
import { evaluateActivity } from '../../run/large-value.ts';
import type { Command } from '../command.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { playBatches, type PlayedBatches } from '../testing/play-batches.ts';
import { recordOf } from '../testing/play-run.ts';
import { withBatches } from '../testing/with-batches.ts';
import type { ForkOrder } from './fork-order.ts';
import { forkState } from './fork-state.ts';

const generation = generationOfFork(1);
const forkedAs = { at: 5_000_000, run: { id: 'run_2', url: '', flowName: 'Any' }, seed: 9 };
const count = 1_000;

const loopOver = (changes: { readonly result?: string | null; readonly size?: number } = {}): Plan =>
  withBatches(
    aPlan({
      steps: {
        each: {
          type: 'forEach',
          items: Array.from({ length: count }, (_, index) => index),
          concurrency: 50,
          onItemFailure: 'park',
          result: changes.result ?? '{{ steps.put.output }}',
        },
        get: anAction({ input: '{{ item }}' }),
        put: anAction({ input: '{{ steps.get.output }}' }),
        after: anAction({ input: '{{ steps.each.output.results }}' }),
      },
      edges: ['start -> each', 'get -> put', 'each -> after'],
      frames: { each: ['get', 'put'] },
    }),
    changes.size ?? 200,
    changes.size ? 0 : 200,
  );

const play = (plan: Plan, isFailing: (path: string) => boolean = () => false) =>
  playBatches({ plan, isFailing, choices: [0], turns: 20_000 });
const fork = (plan: Plan, played: PlayedBatches, order: Partial<ForkOrder> & { readonly at: string }) =>
  forkState(plan, recordOf(played), { outputs: {}, generation, ...order }, forkedAs);
const startsOf = (commands: readonly Command[]) =>
  commands.flatMap((command) => (command.type === 'startBatch' ? [[command.path, command.number]] : []));
const scheduled = (commands: readonly Command[]) =>
  commands.flatMap((command) =>
    command.type === 'scheduleActivity' && command.activity !== evaluateActivity
      ? [{ path: command.path, generation: command.generation }]
      : [],
  );

describe('a fork in one of 1,000 items', () => {
  const plan = loopOver();
  const played = play(plan);

  it('runs that item again from its step on, with what a person has edited, and then what is behind the loop', async () => {
    const forked = await fork(plan, await played, { at: 'each[7].put', outputs: { 'each[7].get': 'edited' } });
    if (!forked.ok) throw new Error(JSON.stringify(forked.problems));
    expect(startsOf(forked.commands)).toEqual([['each', 0]]);
    expect(forked.kept).toHaveLength(2_001);
    const inputs = new Map<string, Json>();
    const end = await playBatches({ plan, isFailing: () => false, choices: [0], from: forked });
    for (const command of end.commands) {
      if (command.type === 'scheduleActivity') inputs.set(command.path, command.input);
    }
    expect(end.state.status).toBe('succeeded');
    expect(scheduled(end.commands)).toEqual([
      { path: 'each[7].put', generation },
      { path: 'after', generation },
    ]);
    expect(inputs.get('each[7].put')).toBe('edited');
    const numbers = end.commands.flatMap((command) => (command.type === 'reportStep' ? [command.transition] : []));
    const seen = numbers.filter(({ path }) => path === 'each[7].put').map(({ seq }) => seq);
    // Behind all that stands: an earlier report never counts as the newer one.
    expect(Math.min(...seen)).toBeGreaterThan(forked.kept.length);
  });

  it('takes an edited input for its step', async () => {
    const forked = await fork(plan, await played, { at: 'each[999].put', input: 'by hand' });
    if (!forked.ok) throw new Error(JSON.stringify(forked.problems));
    const end = await playBatches({ plan, isFailing: () => false, choices: [0], from: forked });
    expect(startsOf(forked.commands)).toEqual([['each', 4]]);
    expect(scheduled(end.commands)).toContainEqual({ path: 'each[999].put', generation: generation + 1 });
  });

  it('says what does not fit: items that there are not, and outputs that are not there', async () => {
    const codes = async (order: Parameters<typeof fork>[2]) => {
      const forked = await fork(plan, await played, order);
      return forked.ok ? [] : forked.problems.map(({ code, path }) => [code, path]);
    };
    expect(await codes({ at: 'each[1000].put' })).toEqual([['step_not_reached', 'each']]);
    expect(await codes({ at: 'each[7].put', outputs: { 'each[7].put': 1 } })).toEqual([
      ['output_not_kept', 'each[7].put'],
    ]);
    expect(await codes({ at: 'each[7].put', outputs: { 'each[1000].get': 1 } })).toEqual([
      ['output_not_kept', 'each[1000].get'],
    ]);
    // Of another item and batch: its result counts anew.
    expect(await codes({ at: 'each[7].put', outputs: { 'each[700].put': 1 } })).toEqual([]);
  });

  it('is refused where what stands is not recorded, instead of doing it again', async () => {
    const record = recordOf(await played);
    const without = { ...record, steps: record.steps.filter(({ path }) => !path.startsWith('each[4')) };
    const forked = await forkState(plan, without, { at: 'each[7].put', outputs: {}, generation }, forkedAs);
    expect(forked.ok ? [] : forked.problems.map(({ code, path }) => [code, path])).toEqual([['not_recorded', 'each']]);

    // Of a loop that was cut off, a batch of which nothing is known has not begun; but a fork may have left it out.
    const steps = record.steps
      .filter(({ path }) => !/^each\[[23]\d\d\]/.test(path))
      .map((row) => (row.path === 'each' ? { ...row, status: 'cancelled' as const } : row));
    const order = { at: 'each[7].put', outputs: {}, generation };
    const cutOff = await forkState(plan, { ...record, steps }, order, forkedAs);
    expect(cutOff.ok ? startsOf(cutOff.commands) : cutOff.problems).toEqual([
      ['each', 0],
      ['each', 1],
    ]);
    const second = await forkState(plan, { ...record, steps, isOfFork: true }, order, forkedAs);
    expect(second.ok ? [] : second.problems.map(({ code }) => code)).toEqual(['not_recorded']);
  });

  it('is refused in a version in which so many items cannot run', async () => {
    const many = withBatches(plan, 200, 5_000);
    const items = Array.from({ length: 1_001 }, (_, index) => index);
    const record = recordOf(await played);
    const steps = record.steps.map((row) => (row.path === 'each' ? { ...row, input: items } : row));
    const order = { at: 'each[7].put', outputs: {}, generation };
    const forked = await forkState(many, { ...record, steps }, order, forkedAs);
    expect(forked.ok ? [] : forked.problems.map(({ code, path }) => [code, path])).toEqual([['loop_too_long', 'each']]);
  });
});

describe('a fork of a run whose loop was cut off', () => {
  it('lets stand what has ended, and does the rest with no more under way than the loop may have', async () => {
    const plan = loopOver({ size: 100 });
    const played = await playBatches({ plan, isFailing: () => false, choices: [3, 1, 4, 1, 5], turns: 900 });
    const done = new Set(recordOf(played).steps.flatMap(({ path, status }) => (status === 'succeeded' ? [path] : [])));
    expect(done.size).toBeGreaterThan(200);
    const forked = await fork(plan, played, { at: 'each[7].put' });
    if (!forked.ok) throw new Error(JSON.stringify(forked.problems));
    const end = await playBatches({
      plan,
      isFailing: () => false,
      choices: [2, 7, 1],
      turns: 20_000,
      from: forked,
    });
    expect(end.state.status).toBe('succeeded');
    const again = scheduled(end.commands).filter(({ path }) => done.has(path));
    expect(again).toEqual([{ path: 'each[7].put', generation }]);
    expect(end.mostAtOnce).toBeLessThanOrEqual(50);
  });
});
