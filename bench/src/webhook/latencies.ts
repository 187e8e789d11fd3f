import type { Answer } from '../stage/api-client.ts';
import { percentile, rounded } from '../statistics.ts';

export interface Latencies {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export const toLatencies = (milliseconds: readonly number[]): Latencies => {
  const at = (share: number) => (milliseconds.length === 0 ? 0 : rounded(percentile(milliseconds, share)));
  return { count: milliseconds.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
};

export const latenciesOf = (answers: readonly Answer[]): Latencies =>
  toLatencies(answers.map(({ milliseconds }) => milliseconds));

/** How many answers there were of each status, the lowest first; 0 stands for no answer. */
export const countStatuses = (answers: readonly Answer[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** Share, from 0 to 1, that failed on the server's side or got no answer. */
export const serverErrorShare = (answers: readonly Answer[]): number =>
  answers.filter(({ status }) => status === 0 || status >= 500).length / Math.max(1, answers.length);
