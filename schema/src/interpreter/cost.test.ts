import { expect, it } from 'vitest';
import { anAction, aPlan } from './testing/a-plan.ts';
import { startRun } from './testing/a-run.ts';

const costly = '{{ $count([1..9000].($ * 2)) }}';
const ids = Array.from({ length: 30 }, (_, index) => `s${index}`);
const chain = aPlan({
  steps: Object.fromEntries(ids.map((id) => [id, { type: 'setVariables' as const, variables: { [id]: costly } }])),
  edges: ids.map((id, index) => `${index === 0 ? 'start' : ids[index - 1]} -> ${id}`),
});

it('a costly turn leaves the rest to a timer that is due at once', async () => {
  const run = await startRun(chain);
  expect(run.commands().at(-1)).toEqual({
    type: 'startTimer',
    timerId: 'continue',
    dueAt: Date.UTC(2026, 2, 1),
    title: 'Continue',
  });
  expect(run.state()).toMatchObject({ status: 'running', ready: [{ scope: 'root' }] });
  const done = Object.values(run.statuses()).filter((status) => status === 'succeeded').length;
  expect(done).toBeGreaterThan(1);
  expect(done).toBeLessThan(30);
  await run.wait(0);
  expect(run.state().status).toBe('succeeded');
  expect(Object.keys(run.state().vars)).toHaveLength(30);
});

it('so does one whose inputs would not fit into one message', async () => {
  const wide = aPlan({
    steps: Object.fromEntries(ids.slice(0, 5).map((id) => [id, anAction({ input: '{{ $pad("", 500000, "x") }}' })])),
    edges: ids.slice(0, 5).map((id) => `start -> ${id}`),
  });
  const run = await startRun(wide);
  expect(run.scheduled()).toEqual(['s0', 's1', 's2']);
  await run.wait(0);
  expect(run.scheduled()).toEqual(['s0', 's1', 's2', 's3', 's4']);
});

it('another event goes on with the rest as well, and a cancelled run does not', async () => {
  const run = await startRun(chain);
  await run.send({ type: 'timerFired', timerId: 'gone' });
  const later = await startRun(chain);
  await later.send({ type: 'cancelRequested' });
  expect(later.state()).toMatchObject({ status: 'cancelled', ready: [], timers: {} });
  expect(Object.values(later.statuses())).not.toContain('pending');
});

it('one step that costs too much fails alone', async () => {
  const endless = aPlan({
    steps: { bomb: anAction({ input: '{{ ($f := function($x) { $f($x) }; $f(1)) }}' }), next: anAction() },
    edges: ['start -> bomb', 'start -> next'],
  });
  const run = await startRun(endless);
  expect(run.statuses()).toMatchObject({ bomb: 'needs_attention', next: 'running' });
});
