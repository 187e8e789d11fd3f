import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SubflowStep } from '../../flow/plan.ts';
import { childRunIdOf } from '../child-run-id.ts';
import { anAction, aPlan, type PlanDraft } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const other = { ...aPlan({ steps: {}, edges: [] }), flowId: 'flow_2', title: 'Shipping' };
const aSubflow = (changes: Partial<SubflowStep> = {}) => ({
  type: 'subflow' as const,
  plan: other,
  planHash: 'hash',
  trigger: { stepId: 'start', kind: 'trigger.manual' },
  input: { order: '{{ $exists(trigger.id) ? trigger.id : 0 }}' },
  mode: 'wait' as const,
  ...changes,
});
const plan = (step = aSubflow(), more: Partial<PlanDraft> = {}) =>
  aPlan({
    steps: { ship: step, after: anAction({ input: '{{ steps.ship.output }}' }) },
    edges: ['start -> ship', 'ship -> after'],
    ...more,
  });
const broken = { name: 'no_parcel', message: 'There is no parcel.', advice: 'Buy some.' };
const started = (run: Awaited<ReturnType<typeof startRun>>) =>
  run.commands().flatMap((command) => (command.type === 'startChild' ? [command] : []));

describe('a sub-flow that is waited for', () => {
  it('is another run, and gives what that one gives', async () => {
    const run = await startRun(plan(), { id: 7 });
    const childRunId = childRunIdOf('run_1', 'ship', 1);
    expect(started(run)).toEqual([{ type: 'startChild', path: 'ship', ordinal: 1, childRunId, input: { order: 7 } }]);
    expect(run.state().status).toBe('waiting');
    await run.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'succeeded', output: 'P-77' } });
    expect(run.commands()).toMatchObject([{ type: 'scheduleActivity', input: 'P-77' }]);
    // What is said twice is heard once.
    await run.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'failed', failure: broken } });
    expect(run.commands()).toEqual([]);
  });

  it('does not count as begun for who goes on at once', async () => {
    const run = await startRun(plan());
    await run.send({ type: 'childStarted', path: 'ship', ordinal: 1 });
    expect(run.state().status).toBe('waiting');
  });

  it('fails by the name of what failed, which an error edge and a catch take', async () => {
    const parked = await startRun(plan());
    await parked.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'failed', failure: broken } });
    expect(parked.state().status).toBe('needs_attention');
    expect(parked.state().scopes['root']?.steps['ship']?.failure).toEqual({
      name: 'no_parcel',
      message: 'Shipping failed: There is no parcel.',
      advice: 'Buy some.',
    });
    const caught = await startRun(
      aPlan({
        steps: { guarded: { type: 'try', catches: ['no_parcel'], result: null }, ship: aSubflow(), told: anAction() },
        edges: ['start -> guarded', 'guarded:caught -> told'],
        frames: { guarded: ['ship'] },
      }),
    );
    await caught.send({
      type: 'childEnded',
      path: 'guarded.ship',
      ordinal: 1,
      end: { status: 'failed', failure: broken },
    });
    expect(caught.scheduled()).toEqual(['told']);
  });

  it('that a person retries is a run of its own again, with the same input or another one', async () => {
    const run = await startRun(plan(), { id: 7 });
    for (const [input, expected] of [
      [undefined, { order: 7 }],
      [{ order: 8 }, { order: 8 }],
    ] as const) {
      const ordinal = run.state().scopes['root']?.steps['ship']?.ordinal ?? 0;
      await run.send({ type: 'childEnded', path: 'ship', ordinal, end: { status: 'failed', failure: broken } });
      await run.repair({ action: 'retryStep', path: 'ship', ...(input && { input }) });
      expect(started(run)).toMatchObject([
        { ordinal: ordinal + 1, childRunId: childRunIdOf('run_1', 'ship', ordinal + 1), input: expected },
      ]);
    }
  });

  it('is cancelled with its parent, which waits until it has ended', async () => {
    const run = await startRun(plan());
    await run.send({ type: 'cancelRequested' });
    expect(run.commands()).toMatchObject([{ type: 'cancelTimer' }, { type: 'cancelChild', path: 'ship', ordinal: 1 }]);
    expect(run.state().status).toBe('waiting');
    await run.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'cancelled' } });
    expect(run.state().status).toBe('cancelled');
    expect(run.statuses()).toMatchObject({ ship: 'cancelled', after: 'skipped' });
  });

  it('that somebody else cancels is a failure of its step', async () => {
    const run = await startRun(plan());
    await run.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'cancelled' } });
    expect(run.state().status).toBe('needs_attention');
  });

  it('is stopped by a merge that does not wait for it any more', async () => {
    const run = await startRun(
      aPlan({
        steps: {
          ship: aSubflow(),
          quick: anAction(),
          first: { type: 'merge', policy: { join: 'count', count: 1, others: 'cancel', before: ['ship', 'quick'] } },
        },
        edges: ['start -> ship', 'start -> quick', 'ship -> first', 'quick -> first'],
      }),
    );
    await run.succeed('quick');
    expect(run.commands()).toMatchObject([{ type: 'cancelChild', path: 'ship' }]);
    await run.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'succeeded', output: 'too late' } });
    expect(run.state().status).toBe('succeeded');
  });

  it('is not started with more than one message can hold', async () => {
    const run = await startRun(plan(aSubflow({ input: '{{ trigger.text }}' })), { text: 'x'.repeat(400_000) });
    expect(started(run)).toEqual([]);
    expect(run.state().scopes['root']?.steps['ship']?.failure?.name).toBe('input_too_large');
  });

  it('is started in several turns where many plans are more than one message can hold', async () => {
    const big = { ...other, title: 'x'.repeat(150_000) };
    const each = {
      type: 'forEach',
      items: Array.from({ length: 40 }, (_, at) => at),
      concurrency: 40,
      onItemFailure: 'park',
      result: null,
    } as const;
    const run = await startRun(
      aPlan({ steps: { each, ship: aSubflow({ plan: big }) }, edges: ['start -> each'], frames: { each: ['ship'] } }),
    );
    let most = 0;
    let all = 0;
    for (let turn = 0; turn < 20 && all < 40; turn += 1) {
      most = Math.max(most, started(run).length);
      all += started(run).length;
      await run.send({ type: 'timerFired', timerId: 'continue' });
    }
    expect(all).toBe(40);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('can be undone', async () => {
    const run = await startRun(
      aPlan({
        steps: {
          ship: aSubflow({ undo: 'recall' }),
          recall: anAction({ undoes: 'ship', input: '{{ steps.ship.output }}' }),
          doomed: anAction({ onFailure: 'fail' }),
        },
        edges: ['start -> ship', 'ship -> doomed'],
      }),
    );
    await run.send({ type: 'childEnded', path: 'ship', ordinal: 1, end: { status: 'succeeded', output: 'P-77' } });
    await run.fail('doomed');
    expect(run.commands()[0]).toMatchObject({ type: 'scheduleActivity', path: 'recall', input: 'P-77' });
  });
});

describe('a sub-flow that is left alone', () => {
  it('gives the id of its run as soon as that has started, and outlives its parent', async () => {
    const run = await startRun(plan(aSubflow({ mode: 'detach' })));
    expect(run.scheduled()).toEqual([]);
    await run.send({ type: 'cancelRequested' });
    expect(run.commands()).toMatchObject([{ type: 'cancelTimer' }]);
    await run.send({ type: 'childStarted', path: 'ship', ordinal: 1 });
    expect(run.state().status).toBe('cancelled');
    expect(run.state().scopes['root']?.steps['ship']?.output).toEqual({ runId: childRunIdOf('run_1', 'ship', 1) });
  });
});

it('no two steps start runs with the same id, and one step always starts the same', () => {
  const parent = 'run_0192e4a17c3b7d2e9f10a4b5c6d7e8f9';
  const step = fc.tuple(fc.stringMatching(/^[a-z]{1,8}(\[\d{1,3}\]\.[a-z]{1,8})?$/), fc.integer({ min: 1, max: 50 }));
  fc.assert(
    fc.property(step, step, ([path, ordinal], [otherPath, otherOrdinal]) => {
      const id = childRunIdOf(parent, path, ordinal);
      expect(id).toMatch(/^run_0192e4a17c3b[0-9a-f]{20}$/);
      expect(childRunIdOf(parent, path, ordinal)).toBe(id);
      const isSame = path === otherPath && ordinal === otherOrdinal;
      expect(childRunIdOf(parent, otherPath, otherOrdinal) === id).toBe(isSame);
    }),
    { numRuns: 2_000 },
  );
  const many = Array.from({ length: 100_000 }, (_, index) => childRunIdOf(parent, `each[${index}].ship`, 1));
  expect(new Set(many).size).toBe(many.length);
});
