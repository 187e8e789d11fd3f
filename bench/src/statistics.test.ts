import { expect, it } from 'vitest';
import { median, percentile, rounded, slope } from './statistics.ts';

const shuffled = [5, 1, 4, 2, 3];

it('finds the middle whatever the order, and between two', () => {
  expect(median(shuffled)).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

it('takes a percentile by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0, 0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 95, 99, 100]);
  expect(percentile([7], 0.5)).toBe(7);
});

it('measures growth by all points, and none where there is none', () => {
  const line = [0, 1, 2, 3].map((x) => ({ x, y: 10 + 2 * x }));
  expect(slope(line)).toBeCloseTo(2);
  expect(slope([{ x: 1, y: 5 }])).toBe(0);
});

it('keeps three digits of a small figure and the whole of a large one', () => {
  expect([0.123_456, 12.345, 1234.5].map(rounded)).toEqual([0.123, 12.3, 1235]);
});
