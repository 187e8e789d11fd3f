import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Plan } from '../../flow/plan.ts';
import { checkRepair, checkSupersede } from '../check-repair.ts';
import type { Command } from '../command.ts';
import { placeOf } from '../place.ts';
import { startRun } from '../testing/a-run.ts';
import { anAction, aPlan } from '../testing/a-plan.ts';
import { playBatches, rowsOf } from '../testing/play-batches.ts';
import { withBatches } from '../testing/with-batches.ts';
import { withUndos } from '../testing/with-undos.ts';
import { createBatchState } from './batch.ts';

interface LoopOptions {
  readonly concurrency?: number;
  readonly onItemFailure?: 'park' | 'collect' | 'stop';
  readonly input?: Json;
}
const loopOver = (count: number, { concurrency = 2, onItemFailure = 'park', input = {} }: LoopOptions = {}): Plan =>
  aPlan({
    steps: {
      before: anAction(),
      other: anAction(),
      each: {
        type: 'forEach',
        items: Array.from({ length: count }, (_, index) => index),
        concurrency,
        onItemFailure,
        result: '{{ item * 10 }}',
      },
      send: anAction({ input }),
      after: anAction(),
    },
    edges: ['start -> before', 'before -> other', 'other -> each', 'each -> after'],
    frames: { each: ['send'] },
  });
const never = () => false;
const batchesIn = (commands: readonly Command[]) =>
  commands.flatMap((command) => (command.type === 'startBatch' ? [command] : []));

describe('a loop that runs its items in batches', () => {
  it('never has more items under way than it may, whatever the order of events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(50), { minLength: 10, maxLength: 60 }),
        async (count, concurrency, size, choices) => {
          const plan = withBatches(loopOver(count, { concurrency }), size);
          const played = await playBatches({ plan, isFailing: never, choices });
          expect(played.state.status).toBe('succeeded');
          expect(played.mostAtOnce).toBeLessThanOrEqual(Math.max(1, concurrency));
          expect(rowsOf(played.commands)['each~1']?.output).toEqual({
            results: Array.from({ length: count }, (_, index) => index * 10),
            count,
            failed: [],
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('goes on with other batches while items of earlier ones wait for a person', async () => {
    const plan = withBatches(loopOver(12, { concurrency: 3 }), 3);
    const played = await playBatches({ plan, isFailing: (path) => path.startsWith('each[1].'), choices: [3, 1, 2] });
    expect(played.state.status).toBe('needs_attention');
    const rows = Object.values(rowsOf(played.commands)).filter(({ stepId }) => stepId === 'send');
    expect(rows.filter(({ status }) => status === 'succeeded')).toHaveLength(11);
    const repair = { action: 'retryStep', path: 'each[1].send' } as const;
    expect(checkRepair(plan, played.state, repair)).toMatchObject({
      code: 'in_batch',
      batch: { path: 'each', ordinal: 1, number: 0 },
    });
    expect(checkRepair(plan, played.state, { action: 'failRun' })).toEqual({ ok: true });
    // As the rows of its batches have it, which count on; what somebody knew before the run went on is too old.
    expect(checkSupersede(played.state, played.state.seq + 20)).toEqual({ ok: true });
    expect(checkSupersede(played.state, played.state.seq - 1)).toMatchObject({ code: 'run_went_on' });
  });

  it('stays in the run with as many items as the plan allows there', async () => {
    const run = await startRun(withBatches(loopOver(3), 2, 3));
    await run.succeed('before');
    await run.succeed('other');
    expect(run.scheduled()).toEqual(['before', 'other', 'each[0].send', 'each[1].send']);
  });

  it('takes along what its steps read, and nothing else', async () => {
    const begun = async (input: Json) => {
      const plan = withBatches(loopOver(3, { input }), 2);
      const run = await startRun(plan, { big: 'x' });
      await run.succeed('before', { name: 'Ada' });
      await run.succeed('other', { large: true });
      const [command] = batchesIn(run.commands());
      if (!command) throw new Error('No batch was started.');
      const { trigger, scopes } = createBatchState(plan, run.state(), command);
      return { trigger, steps: Object.keys(scopes['root']?.steps ?? {}) };
    };
    expect(await begun('{{ item }}')).toEqual({ trigger: null, steps: ['each'] });
    expect(await begun('{{ steps.before.output.name }}')).toEqual({ trigger: null, steps: ['before', 'each'] });
    expect(await begun('{{ trigger.big }}')).toEqual({ trigger: { big: 'x' }, steps: ['each'] });
    expect((await begun('{{ $lookup(steps, "other").output }}')).steps).toEqual(['before', 'other', 'each']);
  });

  it('has what was done in ended batches undone when the run fails behind it, once each', async () => {
    const plan = withBatches(withUndos(loopOver(4)), 2);
    const failing = { ...plan, settings: { ...plan.settings, onFailure: 'fail' as const } };
    const after = { ...failing.steps['after'], onFailure: 'fail' };
    const played = await playBatches({
      plan: { ...failing, steps: { ...failing.steps, after } as Plan['steps'] },
      isFailing: (path) => path === 'after',
      choices: [1, 0, 2],
    });
    expect(played.state.status).toBe('failed');
    const undone = played.commands.flatMap((command) =>
      command.type === 'scheduleActivity' && placeOf(command.path).stepId === 'unsend' ? [command.path] : [],
    );
    expect(undone.toSorted()).toEqual(['each[0].unsend', 'each[1].unsend', 'each[2].unsend', 'each[3].unsend']);
  });
});
