import { describe, expect, it } from 'vitest';
import { anAction, aPlan, type PlanDraft } from '../testing/a-plan.ts';
import { startRun } from '../testing/a-run.ts';

const planOf = (catches: readonly string[] | null = null, extra: Partial<PlanDraft['steps']> = {}) =>
  aPlan({
    steps: {
      guarded: { type: 'try', catches, result: null },
      take: anAction(),
      pay: anAction({ onFailure: 'fail' }),
      tidy: { type: 'finally' },
      unlock: anAction(),
      sorry: anAction({ input: { why: '{{ steps.guarded.failure.name }}' } }),
      after: anAction({ input: { paid: '{{ steps.guarded.output }}' } }),
      ...extra,
    } as PlanDraft['steps'],
    edges: ['start -> guarded', 'take -> pay', 'guarded -> after', 'guarded:caught -> sorry'],
    frames: { guarded: ['take', 'pay', 'tidy'], tidy: ['unlock'] },
  });

describe('try', () => {
  it('gives what its last step gave, after the finally', async () => {
    const run = await startRun(planOf());
    expect(run.scheduled()).toEqual(['guarded.take']);
    await run.succeed('guarded.take');
    await run.succeed('guarded.pay', { receipt: 7 });
    expect(run.scheduled().at(-1)).toBe('guarded.tidy.unlock');
    await run.succeed('guarded.tidy.unlock');
    expect(run.commands()).toContainEqual(
      expect.objectContaining({ activityId: 'after', input: { paid: { receipt: 7 } } }),
    );
    expect(run.statuses()).toMatchObject({ guarded: 'succeeded', sorry: 'skipped' });
  });

  it('takes a failure inside of it, whatever the policy of the step, and shows it behind', async () => {
    const run = await startRun(planOf());
    await run.fail('guarded.take', { name: 'no_stock' });
    expect(run.statusOf('guarded.pay')).toBe('skipped');
    expect(run.scheduled().at(-1)).toBe('guarded.tidy.unlock');
    await run.succeed('guarded.tidy.unlock');
    expect(run.commands()).toContainEqual(expect.objectContaining({ activityId: 'sorry', input: { why: 'no_stock' } }));
    expect(run.statuses()).toMatchObject({ guarded: 'failed', after: 'skipped' });
    await run.succeed('sorry');
    expect(run.state().status).toBe('succeeded');
  });

  it('lets through the failures that it does not name', async () => {
    const run = await startRun(planOf(['card_refused']));
    await run.fail('guarded.take', { name: 'no_stock' });
    expect(run.state().status).toBe('needs_attention');
    await run.repair({ action: 'retryStep', path: 'guarded.take' });
    await run.succeed('guarded.take');
    await run.fail('guarded.pay', { name: 'card_refused' });
    await run.succeed('guarded.tidy.unlock');
    expect(run.scheduled().at(-1)).toBe('sorry');
  });

  it('takes no effect that may have happened: a person must look', async () => {
    const run = await startRun(planOf());
    await run.succeed('guarded.take');
    await run.fail('guarded.pay', { unsure: true });
    expect(run.state().status).toBe('needs_attention');
    expect(run.statusOf('guarded')).toBe('running');
  });

  it('runs the finally of a run that is cancelled, once, and then ends', async () => {
    const run = await startRun(planOf());
    await run.send({ type: 'cancelRequested' });
    await run.send({ type: 'cancelRequested' });
    await run.send({ type: 'stepCancelled', path: 'guarded.take', ordinal: 1 });
    expect(run.scheduled()).toEqual(['guarded.take', 'guarded.tidy.unlock']);
    expect(run.state().status).toBe('running');
    await run.succeed('guarded.tidy.unlock');
    expect(run.state().status).toBe('cancelled');
    expect(run.statusOf('guarded')).toBe('cancelled');
    expect(run.statusOf('guarded.tidy')).toBe('succeeded');
  });

  it('parks a finally that fails, also in a run that is ending, until a person repairs it or gives it up', async () => {
    for (const action of ['retryStep', 'failRun'] as const) {
      const run = await startRun(planOf(null, { unlock: anAction({ onFailure: 'fail' }) }));
      await run.succeed('guarded.take');
      await run.send({ type: 'cancelRequested' });
      await run.send({ type: 'stepCancelled', path: 'guarded.pay', ordinal: 1 });
      await run.fail('guarded.tidy.unlock');
      expect(run.state().status).toBe('needs_attention');
      if (action === 'failRun') await run.repair({ action });
      else {
        await run.repair({ action, path: 'guarded.tidy.unlock' });
        await run.succeed('guarded.tidy.unlock');
      }
      expect(run.state().status).toBe('cancelled');
      expect(run.state().timers).toEqual({});
    }
  });

  it('gives up a parked finally when nobody has repaired it in time, also when nothing else had ended the run', async () => {
    const run = await startRun(planOf());
    await run.succeed('guarded.take');
    await run.succeed('guarded.pay');
    await run.fail('guarded.tidy.unlock');
    expect(run.state().status).toBe('needs_attention');
    await run.wait(31 * 86_400_000);
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'park_limit_reached' }, timers: {} });
    expect(run.statusOf('guarded.tidy.unlock')).toBe('failed');
  });

  it('still runs the finally of another try when one is given up', async () => {
    const plan = aPlan({
      steps: {
        one: { type: 'try', catches: null, result: null },
        act: anAction(),
        tidy: { type: 'finally' },
        unlock: anAction(),
        other: { type: 'try', catches: null, result: null },
        wait: { type: 'delay', duration: '50d' },
        clean: { type: 'finally' },
        close: anAction(),
      },
      edges: ['start -> one', 'start -> other'],
      frames: { one: ['act', 'tidy'], tidy: ['unlock'], other: ['wait', 'clean'], clean: ['close'] },
    });
    const run = await startRun(plan);
    await run.succeed('one.act');
    await run.fail('one.tidy.unlock');
    await run.wait(31 * 86_400_000);
    expect(run.scheduled().at(-1)).toBe('other.clean.close');
    await run.succeed('other.clean.close');
    expect(run.state()).toMatchObject({ status: 'failed', failure: { name: 'park_limit_reached' } });
  });

  it('is passed through by the failure of an inner one that names others', async () => {
    const plan = aPlan({
      steps: {
        outer: { type: 'try', catches: null, result: null },
        inner: { type: 'try', catches: ['other'], result: null },
        act: anAction(),
        wait: { type: 'delay', duration: '1h' },
        sorry: anAction(),
      },
      edges: ['start -> outer', 'outer:caught -> sorry'],
      frames: { outer: ['inner', 'wait'], inner: ['act'] },
    });
    const run = await startRun(plan);
    await run.fail('outer.inner.act');
    expect(run.scheduled().at(-1)).toBe('sorry');
    expect(run.statusOf('outer.inner')).toBe('cancelled');
    expect(run.statusOf('outer.wait')).toBe('cancelled');
    expect(Object.keys(run.state().timers)).toEqual(['run']);
  });
});
