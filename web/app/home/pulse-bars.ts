import type { RunSummary } from '@everwave/schema/api';

export interface PulseBar {
  readonly run: RunSummary;
  /** Between 0 and 1, by how long the run took; on a logarithm, so that one long run leaves the others visible. */
  readonly height: number;
}

const least = 0.14;

/** Runs as bars, oldest first. `now` in Unix ms is the end of those that are still open. */
export const toPulseBars = (runs: readonly RunSummary[], now: number): readonly PulseBar[] => {
  const durations = runs.map((run) => {
    if (run.startedAt === null) return 0;
    return Math.max(0, (run.finishedAt === null ? now : Date.parse(run.finishedAt)) - Date.parse(run.startedAt));
  });
  const scale = (milliseconds: number): number => Math.log10(1 + milliseconds / 50);
  const longest = Math.max(...durations.map(scale), Number.EPSILON);
  return runs
    .map((run, at) => ({ run, height: least + (1 - least) * (scale(durations[at] ?? 0) / longest) }))
    .toReversed();
};
