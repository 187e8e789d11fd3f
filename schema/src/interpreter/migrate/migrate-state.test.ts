import { describe, expect, it } from 'vitest';
import type { Plan } from '../../flow/plan.ts';
import { advance } from '../advance.ts';
import { anAction, aPlan, type PlanDraft } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';
import { migrateState } from './migrate-state.ts';

const version = (flowVersion: number, draft: PlanDraft): Plan => ({ ...aPlan(draft), flowVersion });
const before = version(1, {
  steps: { first: anAction(), pause: { type: 'delay', duration: '10m' }, old: anAction() },
  edges: ['start -> first', 'first -> pause', 'pause -> old'],
});
const waiting = async (plan = before) => {
  const run = await startRun(plan);
  await run.succeed('first', 1);
  return run.state();
};
const problemsOf = async (to: Plan, from = before) => {
  const migrated = migrateState(from, to, await waiting(from), 0);
  return migrated.ok ? [] : migrated.problems.map(({ code, stepId }) => [code, stepId]);
};

describe('a run that waits', () => {
  it('goes on under a version in which only what has not begun differs', async () => {
    const to = version(2, {
      steps: {
        first: anAction(),
        pause: { type: 'delay', duration: '10m' },
        beside: anAction({ input: '{{ steps.first.output }}' }),
        renewed: anAction({ input: '{{ steps.pause.output.until }}' }),
      },
      edges: ['start -> first', 'first -> pause', 'first -> beside', 'pause -> renewed'],
    });
    const state = await waiting();
    const migrated = migrateState(before, to, state, 0);
    if (!migrated.ok) throw new Error(JSON.stringify(migrated.problems));
    expect(migrated.state.timers).toEqual(state.timers);
    const at = state.timers['delay:pause:1']?.dueAt ?? 0;
    const begun = await advance(to, migrated.state, { type: 'resumed', at });
    expect(begun.commands).toContainEqual(
      expect.objectContaining({ type: 'scheduleActivity', path: 'beside', input: 1 }),
    );
    const fired = await advance(to, begun.state, { type: 'timerFired', at, timerId: 'delay:pause:1' });
    expect(fired.commands).toContainEqual(
      expect.objectContaining({ type: 'scheduleActivity', path: 'renewed', input: new Date(at).toISOString() }),
    );
  });

  it('is refused a version in which what has begun differs, step by step', async () => {
    const steps = { first: anAction(), pause: { type: 'delay' as const, duration: '10m' }, old: anAction() };
    const edges = ['start -> first', 'first -> pause', 'pause -> old'];
    expect(await problemsOf(version(2, { steps: { ...steps, first: anAction({ input: 'x' }) }, edges }))).toEqual([
      ['step_changed', 'first'],
    ]);
    const { first: _, ...without } = steps;
    expect(await problemsOf(version(2, { steps: without, edges: ['start -> pause', 'pause -> old'] }))).toEqual([
      ['step_absent', 'first'],
      ['way_changed', 'pause'],
    ]);
    expect(await problemsOf(version(1, { steps, edges }))).toEqual([['same_version', undefined]]);
    expect(await problemsOf({ ...version(2, { steps, edges }), flowId: 'flow_2' })).toEqual([
      ['other_flow', undefined],
    ]);
    const retitled = { ...steps, first: { ...anAction(), title: 'Another title' } };
    expect(await problemsOf(version(2, { steps: retitled, edges }))).toEqual([]);
  });

  it('is asked to wait until it waits', async () => {
    const run = await startRun(before);
    const to = { ...before, flowVersion: 2 };
    const migrated = migrateState(before, to, run.state(), 0);
    expect(migrated).toMatchObject({ ok: false, problems: [{ code: 'run_not_waiting' }] });
  });
});

it('a loop under way may change in what no iteration has begun, as long as none has ended', async () => {
  const looping = (flowVersion: number, last: string, items: readonly number[]) =>
    version(flowVersion, {
      steps: {
        each: { type: 'forEach', items: [...items], concurrency: 1, onItemFailure: 'park', result: null },
        one: anAction(),
        two: anAction({ input: last }),
      },
      edges: ['start -> each', 'one -> two'],
      frames: { each: ['one', 'two'] },
    });
  const from = looping(1, 'a', [1, 2]);
  const run = await startRun(from);
  await run.fail('each[0].one');
  const to = looping(2, 'b', [1, 2]);
  expect(migrateState(from, to, run.state(), 0)).toMatchObject({ ok: true });
  await run.repair({ action: 'completeStep', path: 'each[0].one', output: 1 });
  await run.succeed('each[0].two');
  await run.fail('each[1].one');
  expect(migrateState(from, to, run.state(), 0)).toMatchObject({
    ok: false,
    problems: [{ code: 'step_changed', stepId: 'two' }],
  });
});
