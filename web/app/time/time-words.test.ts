import { describe, expect, it } from 'vitest';
import { elapsed, formatDuration, formatRelative } from './time-words.ts';

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [-4, '0 ms'],
    [340, '340 ms'],
    [1_200, '1.2 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [11_520_000, '3 h 12 min'],
    [187_200_000, '2 d 4 h'],
  ])('writes %i ms as %s', (milliseconds, words) => {
    expect(formatDuration(milliseconds)).toBe(words);
  });
});

describe('formatRelative', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  it.each([
    [-2_000, 'just now'],
    [-30_000, '30 sec ago'],
    [-180_000, '3 min ago'],
    [-7_200_000, '2 hr ago'],
    [-86_400_000, 'yesterday'],
    [12_000, 'in 12 sec'],
  ])('says %i ms from now as %s', (offset, words) => {
    expect(formatRelative(now + offset, now)).toBe(words);
  });
});

describe('elapsed', () => {
  it('counts to now while something goes on, and to its end after', () => {
    const start = '2026-11-21T12:00:00.000Z';
    expect(elapsed(null, null, 5)).toBeNull();
    expect(elapsed(start, null, Date.parse(start) + 700)).toBe(700);
    expect(elapsed(start, '2026-11-21T12:00:01.000Z', Date.parse(start) + 9_000)).toBe(1_000);
  });
});
