import type { InsightsBucket } from '@everwave/schema/api';
import { runStatuses } from '@everwave/schema/run';
import { expect, it } from 'vitest';
import { outcomesOf, toLines, toStackedBars } from './chart-bars.ts';

const bucket = (counts: Partial<InsightsBucket['byStatus']>, at = '2026-06-10T00:00:00.000Z'): InsightsBucket => ({
  at,
  runs: Object.values(counts).reduce((sum, count) => sum + count, 0),
  byStatus: Object.fromEntries(
    runStatuses.map((status) => [status, counts[status] ?? 0]),
  ) as InsightsBucket['byStatus'],
  successRate: null,
  p50Ms: null,
  p95Ms: null,
  usd: 0,
});

it('sorts every state of a run into one outcome', () => {
  const everything = bucket(Object.fromEntries(runStatuses.map((status) => [status, 1])));
  const counts = outcomesOf(everything);
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(runStatuses.length);
  expect(counts).toEqual({ succeeded: 1, open: 3, cancelled: 2, needs_attention: 1, failed: 1 });
});

it('stacks outcomes, and lets the busiest bucket fill the chart', () => {
  const [quiet, busy] = toStackedBars([bucket({ succeeded: 2 }), bucket({ succeeded: 6, failed: 2 })]);
  expect(quiet?.parts).toEqual([{ outcome: 'succeeded', count: 2, height: 0.25 }]);
  expect(busy?.parts.map(({ outcome, height }) => [outcome, height])).toEqual([
    ['succeeded', 0.75],
    ['failed', 0.25],
  ]);
});

it('draws nothing where nothing ran', () => {
  expect(toStackedBars([bucket({})])).toMatchObject([{ runs: 0, parts: [] }]);
});

it('breaks a line where there is no value', () => {
  const lines = toLines([100, null, 0, 100], 100);
  expect(lines.map((line) => line.map(({ x, y }) => [x, y]))).toEqual([
    [[0.125, 1]],
    [
      [0.625, 0],
      [0.875, 1],
    ],
  ]);
  expect(toLines([null, null], 100)).toEqual([]);
});
