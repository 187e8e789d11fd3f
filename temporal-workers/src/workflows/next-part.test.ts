import { advance, createState, type RunState } from '@everwave/schema/interpreter';
import type { Json } from '@everwave/schema/flow';
import type { RunFlowInput } from '@everwave/schema/run';
import { expect, it } from 'vitest';
import { anAction, aPlan } from '../../../schema/src/interpreter/testing/a-plan.ts';
import { withBatches } from '../../../schema/src/interpreter/testing/with-batches.ts';
import { toNextPart } from './next-part.ts';
import { createPartLimits } from './part-limits.ts';

const plan = withBatches(
  aPlan({
    steps: {
      each: { type: 'forEach', items: '{{ trigger.items }}', concurrency: 100, onItemFailure: 'park', result: null },
      send: anAction({ activity: 'test.echo@1' }),
    },
    edges: ['start -> each'],
    frames: { each: ['send'] },
  }),
  200,
);
const run = { id: 'run_1', url: '', flowName: 'Any', requestId: null };
const items = Array.from({ length: 100_000 }, () => 0);

const startedWith = async (trigger: Json): Promise<RunState> =>
  (
    await advance(plan, createState(plan), {
      type: 'started',
      at: 0,
      triggerStepId: 'start',
      trigger,
      run,
      seed: 1,
    })
  ).state;

const inputWith = (data: Json): RunFlowInput => ({
  engineVersion: 1,
  orgId: 'org_1',
  runId: run.id,
  rootRunId: run.id,
  plan,
  planHash: 'any',
  trigger: { stepId: 'start', kind: 'trigger.manual', data },
  run,
});

/** Whether it goes on in a new history once this one is long. */
const mayGoOn = (input: RunFlowInput, snapshot: RunState): boolean => {
  const limits = createPartLimits(input, () => toNextPart(input, { snapshot, carried: { commands: [], repairs: [] } }));
  return limits.isDraining({ historyLength: 2_000, isSuggested: false }) && limits.maySwitch();
};

it('a run takes what its trigger delivered along once, in its state', async () => {
  const trigger = { items };
  const snapshot = await startedWith(trigger);
  const next = toNextPart(inputWith(trigger), { snapshot, carried: { commands: [], repairs: [] } });
  expect(next.trigger).toEqual({ stepId: 'start', kind: 'trigger.manual', data: null });
  expect(next.snapshot?.trigger).toEqual(trigger);
});

it('a run over as many items as there may be can go on in a new history, with as much as they may give', async () => {
  const trigger = { items };
  const state = await startedWith(trigger);
  const [name, root] = Object.entries(state.scopes)[0] ?? [];
  const each = root?.steps['each'];
  if (name === undefined || !root || !each?.loop) throw new Error('The loop has not begun.');
  expect(each.loop.part).toEqual({ from: 800, count: 100_000 });
  const loop = { ...each.loop, results: items.map(() => 'abc') };
  const full = { ...state, scopes: { [name]: { ...root, steps: { ...root.steps, each: { ...each, loop } } } } };
  expect(JSON.stringify(full).length).toBeGreaterThan(950_000);
  expect(mayGoOn(inputWith(trigger), full)).toBe(true);
});

it('a run goes on in the same history while its state is larger than what Temporal takes, in bytes', async () => {
  const wide = { items: ['語'.repeat(600_000)] };
  expect(mayGoOn(inputWith(wide), { ...(await startedWith({ items: [] })), trigger: wide })).toBe(false);
  const narrow = { items: ['x'.repeat(600_000)] };
  expect(mayGoOn(inputWith(narrow), { ...(await startedWith({ items: [] })), trigger: narrow })).toBe(true);
});
