import { assert, constantFrom, property, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Happening, inOrder } from './arrival.ts';

const happenings: readonly Happening[] = [
  { type: 'cancelRequested' },
  { type: 'stepSucceeded', path: 'a', ordinal: 1, output: 1 },
  { type: 'stepCancelled', path: 'b', ordinal: 1 },
  { type: 'stepDeferred', path: 'c', ordinal: 1, until: 1, reason: 'busy' },
  { type: 'timerFired', timerId: 'delay:d' },
  { type: 'timerFired', timerId: 'delay:e' },
];

describe('inOrder', () => {
  it('applies what came together in one order, whatever order it came in', () => {
    assert(
      property(uniqueArray(constantFrom(...happenings)), (some) => {
        const expected = happenings.filter((happening) => some.includes(happening));
        expect(inOrder(some)).toEqual(expected);
      }),
    );
  });

  it('puts repairs before everything else that came with them, in their own order', () => {
    const second = { type: 'repair' as const, name: 'second' };
    const first = { type: 'repair' as const, name: 'first' };
    const arrivals = [{ type: 'timerFired' as const, name: 't' }, second, first];
    expect(inOrder(arrivals).map(({ name }) => name)).toEqual(['second', 'first', 't']);
  });
});
