import { describe, expect, it } from 'vitest';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const planOf = (outcome: 'succeeded' | 'failed', value: string | null) =>
  aPlan({
    steps: {
      way: { type: 'condition', condition: { left: '{{ trigger.stop }}', operator: 'isTrue' } },
      other: anAction(),
      after: anAction(),
      end: { type: 'stop', outcome, value },
    },
    edges: ['start -> way', 'start -> other', 'other -> after', 'way:true -> end'],
  });

describe('stop', () => {
  it('ends the run with its output, and cancels what else is under way', async () => {
    const run = await startRun(planOf('succeeded', 'no {{ trigger.what }}'), { stop: true, what: 'orders' });
    expect(run.state().status).toBe('running');
    expect(run.commands()).toContainEqual({ type: 'cancelActivity', path: 'other', ordinal: 1 });
    await run.send({ type: 'stepCancelled', path: 'other', ordinal: 1 });
    expect(run.state()).toMatchObject({ status: 'succeeded', output: 'no orders' });
    expect(run.statuses()).toMatchObject({ end: 'succeeded', other: 'cancelled', after: 'skipped' });
  });

  it('ends the run as failed, with the reason it gives', async () => {
    const run = await startRun(planOf('failed', 'No stock.'), { stop: true });
    await run.send({ type: 'stepCancelled', path: 'other', ordinal: 1 });
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'stopped', message: 'No stock.' } });
  });

  it('does nothing on a branch that is not taken', async () => {
    const run = await startRun(planOf('failed', null), { stop: false });
    await run.succeed('other');
    await run.succeed('after');
    expect(run.state().status).toBe('succeeded');
  });
});
