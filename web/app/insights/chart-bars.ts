import type { InsightsBucket } from '@everwave/schema/api';

/** How runs went, in the order in which a bar is stacked, from below. */
export const outcomes = ['succeeded', 'open', 'cancelled', 'needs_attention', 'failed'] as const;
export type Outcome = (typeof outcomes)[number];

type Counts = Pick<InsightsBucket, 'byStatus'>;

/** Runs by how they went: everything that is still under way counts as open. */
export const outcomesOf = ({ byStatus }: Counts): Readonly<Record<Outcome, number>> => {
  const of = (...statuses: readonly (keyof typeof byStatus)[]) =>
    statuses.reduce((sum, status) => sum + (byStatus[status] ?? 0), 0);
  return {
    succeeded: of('succeeded'),
    open: of('queued', 'running', 'waiting'),
    cancelled: of('cancelled', 'superseded'),
    needs_attention: of('needs_attention'),
    failed: of('failed'),
  };
};

export interface StackedBar {
  readonly at: string;
  readonly runs: number;
  /** From below, without empty ones; heights are shares of the chart, between 0 and 1. */
  readonly parts: readonly { readonly outcome: Outcome; readonly count: number; readonly height: number }[];
}

/** One bar per bucket; the tallest fills the chart. */
export const toStackedBars = (series: readonly InsightsBucket[]): readonly StackedBar[] => {
  const most = Math.max(1, ...series.map(({ runs }) => runs));
  return series.map((bucket) => {
    const counts = outcomesOf(bucket);
    return {
      at: bucket.at,
      runs: bucket.runs,
      parts: outcomes
        .filter((outcome) => counts[outcome] > 0)
        .map((outcome) => ({ outcome, count: counts[outcome], height: counts[outcome] / most })),
    };
  });
};

export interface LinePoint {
  /** Between 0 and 1, from the left. */
  readonly x: number;
  /** Between 0 and 1, from below. */
  readonly y: number;
}

/**
 * A line over the buckets, broken where there is no value. Values spread over orders of magnitude, so heights follow
 * their logarithm; `most` is the value at the top.
 */
export const toLines = (values: readonly (number | null)[], most: number): readonly (readonly LinePoint[])[] => {
  const lines: LinePoint[][] = [[]];
  const step = 1 / Math.max(1, values.length);
  const scale = (value: number) => Math.log1p(value);
  values.forEach((value, index) => {
    if (value === null) return void lines.push([]);
    lines.at(-1)?.push({ x: (index + 0.5) * step, y: most > 0 ? scale(value) / scale(most) : 0 });
  });
  return lines.filter((line) => line.length > 0);
};
