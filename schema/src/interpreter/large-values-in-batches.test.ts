import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Template } from '../flow/plan.ts';
import { evaluateRequest } from '../flow/expression/evaluation-request.ts';
import type { Command } from './command.ts';
import { placeOf } from './place.ts';
import { anAction } from './testing/a-plan.ts';
import { startRun } from './testing/a-run.ts';
import { flowOf, largeValue, type Scheduled, stored } from './testing/large-values.ts';
import { type PlayBatches, type PlayedBatches, playBatches, rowsOf } from './testing/play-batches.ts';
import { withBatches } from './testing/with-batches.ts';

const count = 7;
const list = {
  items: Array.from({ length: count }, (_, index) => ({ id: index })),
  rate: 3,
  text: 'x'.repeat(40_000),
};
/** What the step `load` gives for an item. */
const loaded = (path: string): Json => ({ from: path, text: 'y'.repeat(20_000) });

const results: readonly (Template | null)[] = [
  null,
  '{{ steps.load.output }}',
  { of: '{{ item.id }}', page: '{{ steps.load.output }}' },
  '{{ $length(steps.load.output.text) + steps.fetch.output.rate + loop.index }}',
  '{{ $string($random()) & steps.load.output.from }}',
];

/** A loop over the items of a large output; each item gives one, and reads its own and that from around the loop. */
const loopOver = (result: Template | null, nested = false) =>
  flowOf(
    {
      each: {
        type: 'forEach',
        items: '{{ steps.fetch.output.items }}',
        concurrency: 3,
        onItemFailure: 'park',
        result,
      },
      send: anAction({ input: { own: '{{ steps.load.output.from }}', around: '{{ steps.fetch.output.text }}' } }),
      load: anAction({ reads: ['from'] }),
      ...(nested && {
        inner: {
          type: 'forEach' as const,
          items: '{{ steps.load.output.from ? [1, 2, 3] : steps.load.output.text }}',
          concurrency: 2,
          onItemFailure: 'park' as const,
          result: '{{ $length(steps.load.output.text) + item }}',
        },
        deep: anAction({ input: '{{ steps.load.output.text }}' }),
      }),
      after: anAction({ input: '{{ steps.each.output }}' }),
    },
    ['fetch -> each', 'send -> load', ...(nested ? ['load -> inner'] : []), 'each -> after'],
    nested ? { each: ['send', 'load', 'inner'], inner: ['deep'] } : { each: ['send', 'load'] },
  );

const outputOf: NonNullable<PlayBatches['outputOf']> = (path) => {
  const { stepId } = placeOf(path);
  if (stepId === 'fetch') return { output: null, large: largeValue(list, ['rate']) };
  if (stepId === 'load') return { output: null, large: largeValue(loaded(path), ['from']) };
  return { output: path };
};

const inputOf = async (commands: readonly Command[], path: string): Promise<Json> => {
  const scheduled = commands.find(
    (command): command is Scheduled => command.type === 'scheduleActivity' && command.path === path,
  );
  if (!scheduled?.evaluate) return scheduled?.input ?? null;
  const reply = await evaluateRequest(scheduled.evaluate, async ({ sha256 }) => stored.get(sha256) as Json);
  if (!reply.ok) throw new Error(reply.error.message);
  return reply.value ?? null;
};

const sizesOf = ({ workflows }: PlayedBatches): readonly number[] =>
  workflows.map(({ state }) => JSON.stringify(state).length);

describe('a loop in batches over a large value, whose items give large values', () => {
  it('does and gives what it would within the run, in any order and with any size of batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...results),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(50), { minLength: 5, maxLength: 30 }),
        async (result, nested, size, choices) => {
          const plan = loopOver(result, nested);
          const play = { isFailing: () => false, choices, outputOf };
          const together = await playBatches({ plan, ...play });
          const apart = await playBatches({ plan: withBatches(plan, size), ...play });
          expect(together.state.status).toBe('succeeded');
          expect(apart.state.status).toBe('succeeded');
          expect(rowsOf(apart.commands)).toEqual(rowsOf(together.commands));
          const given = await inputOf(apart.commands, 'after');
          expect(given).toMatchObject({ count, results: { length: count }, failed: [] });
          expect(given).toEqual(await inputOf(together.commands, 'after'));
          // What is large stays outside of the states of the run and of its batches.
          expect(Math.max(...sizesOf(apart))).toBeLessThan(20_000);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['large ones', null, true],
    ['small ones', '{{ "item " & loop.index & " of many, with a few words of its own" }}', false],
  ])('the run holds one reference for each batch, however much its items give: %s', async (_, result, isLarge) => {
    const items = Array.from({ length: 450 }, (__, index) => index);
    const each = { type: 'forEach' as const, items, concurrency: 25, onItemFailure: 'collect' as const, result };
    const after = anAction({ input: '{{ steps.each.output }}' });
    const plan = flowOf({ each, load: anAction(), after }, ['fetch -> each', 'each -> after'], { each: ['load'] });
    const play: Omit<PlayBatches, 'plan'> = {
      isFailing: (path) => path === 'each[207].load',
      choices: [0, 3, 1, 9],
      outputOf: (path) => (isLarge ? outputOf(path) : { output: path }),
    };
    const together = await playBatches({ plan, ...play });
    const apart = await playBatches({ plan: withBatches(plan, 200), ...play });
    expect(apart.state.status).toBe('succeeded');
    const given = (await inputOf(apart.commands, 'after')) as { readonly results: readonly Json[] };
    expect(given.results[207]).toBeNull();
    expect(given.results.filter((value) => value === null)).toHaveLength(1);
    expect(given).toEqual(await inputOf(together.commands, 'after'));
    expect(apart.ends.map(({ results, placed, size }) => [results.length, placed?.length, size < 200])).toEqual([
      [0, 1, true],
      [0, 1, true],
      [0, 1, true],
    ]);
  });

  it('fails, with every item done, when the references to what they gave are more than a run can hold', async () => {
    const items = Array.from({ length: 6_000 }, (_, index) => index);
    const each = { type: 'forEach' as const, items, concurrency: 25, onItemFailure: 'park' as const, result: null };
    const plan = withBatches(flowOf({ each, load: anAction() }, ['fetch -> each'], { each: ['load'] }), 200);
    const large = largeValue(loaded('any'));
    const run = await startRun(plan);
    await run.succeed('fetch', 1);
    for (let number = 0; number < 30; number += 1) {
      const placed = items
        .slice(200 * number, 200 * (number + 1))
        .map((index) => ({ path: [String(index)], sha256: 'f'.repeat(64), bytes: large.reference.bytes }));
      const size = 200 * 'null'.length + JSON.stringify(placed).length;
      const end = { results: Array.from({ length: 200 }, () => null), placed, size, seq: 1, failed: [] };
      await run.send({ type: 'batchEnded', path: 'each', ordinal: 1, number, end });
    }
    expect(run.state().scopes['root']?.steps['each']).toMatchObject({
      status: 'needs_attention',
      failure: { name: 'results_too_large', message: expect.stringContaining('of a large value its reference counts') },
    });
    expect(JSON.stringify(run.state()).length).toBeLessThan(20_000);
    expect(run.commands().some(({ type }) => type === 'scheduleActivity')).toBe(false);
  });
});
