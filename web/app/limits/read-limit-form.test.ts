import { setFlowLimitsRequestSchema } from '@everwave/schema/api';
import { describe, expect, it } from 'vitest';
import { fieldErrors, readFlowRunLimit, readLimit, readNodeLimits } from './read-limit-form.ts';
import { inUnit, toSeconds } from './time-units.ts';

describe('what stands in a form of limits', () => {
  it('is a limit where there are numbers, and none where the fields are empty', () => {
    const typed = {
      'runs.atOnce': ' 5 ',
      'runs.rate.count': '100',
      'runs.rate.seconds': '2',
      'runs.rate.unit': 'minutes',
      'steps.atOnce': '',
      'steps.rate.count': '',
      'steps.rate.seconds': '1',
      'steps.rate.burst': '',
    };
    expect(readLimit(typed, 'runs')).toEqual({ atOnce: 5, rate: { count: 100, seconds: 120 } });
    expect(readLimit(typed, 'steps')).toEqual({ atOnce: null, rate: null });
  });

  it('keeps the limits of single steps, takes away those that were emptied, and adds one', () => {
    const typed = { 'nodes.send.atOnce': '2', 'nodes.pack.atOnce': '', 'added.node': 'tell', 'added.atOnce': '3' };
    expect(readNodeLimits(typed)).toEqual({ send: { atOnce: 2, rate: null }, tell: { atOnce: 3, rate: null } });
  });

  it.each([
    [{ 'runs.atOnce': '1.5' }, 'runs.atOnce', 'A whole number from 1 to 100,000.'],
    [
      { 'runs.rate.count': '9', 'runs.rate.seconds': '25', 'runs.rate.unit': 'hours' },
      'runs.rate.seconds',
      'A day at most.',
    ],
    [{ 'runs.whenFull': 'replace' }, 'runs.atOnce', 'Say how many runs there may be at once'],
    [
      { 'added.node': 'tell', 'added.rate.burst': '3', 'added.rate.seconds': '1' },
      'added.rate.count',
      'A whole number',
    ],
  ])('is refused beside its field: %o', (fields, path, words) => {
    const typed = { 'runs.whenFull': 'wait', ...fields };
    const asked = { runs: readFlowRunLimit(typed, 'runs'), nodes: readNodeLimits(typed) };
    const parsed = setFlowLimitsRequestSchema.safeParse(asked);
    expect(parsed.error && fieldErrors(parsed.error, typed)).toEqual([
      { path, message: expect.stringContaining(words) },
    ]);
  });

  it('says a time in the largest unit that fits, and reads it back', () => {
    expect([1, 60, 90, 7_200].map(inUnit)).toEqual([
      { count: 1, unit: 'seconds' },
      { count: 1, unit: 'minutes' },
      { count: 90, unit: 'seconds' },
      { count: 2, unit: 'hours' },
    ]);
    for (const seconds of [1, 59, 60, 3_600, 86_400]) {
      const { count, unit } = inUnit(seconds);
      expect(toSeconds(count, unit)).toBe(seconds);
    }
  });
});
