import type { Run, RunAttempt, RunStep } from '@everwave/schema/api';
import type { StepStatus } from '@everwave/schema/run';

/** One piece of a bar, as shares of the whole width between 0 and 1. */
export interface TimelineSegment {
  readonly kind: RunAttempt['status'] | 'wait';
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface TimelineRow {
  readonly key: string;
  readonly path: string;
  readonly step: RunStep;
  readonly segments: readonly TimelineSegment[];
}

export interface Timeline {
  readonly startedAt: number;
  readonly endsAt: number;
  readonly rows: readonly TimelineRow[];
}

const leastSpan = 20;
const moving: ReadonlySet<StepStatus> = new Set(['running', 'retrying', 'waiting']);

/** What takes no time, such as a condition, may have an end only. */
const beginOf = (step: RunStep): number => Date.parse(step.startedAt ?? step.finishedAt ?? '');

const hasRun = (step: RunStep): boolean =>
  step.startedAt !== null || (step.finishedAt !== null && step.status !== 'skipped');

const momentsOf = (run: Run): number[] =>
  [
    ...run.steps.flatMap((step) => [step.startedAt, step.finishedAt]),
    ...run.attempts.flatMap((attempt) => [attempt.startedAt, attempt.finishedAt]),
    run.finishedAt,
  ].flatMap((moment) => (moment === null ? [] : [Date.parse(moment)]));

/**
 * When each step ran, as bars over the run's time. A bar holds one piece per attempt and the waits between them; a step without
 * attempts (a delay, a merge) is one piece. `now` is the right edge while the run is open.
 */
export const toTimeline = (run: Run, now: number): Timeline => {
  const startedAt = Date.parse(run.startedAt ?? run.createdAt);
  // A run that stands still ends its axis where it stopped, so that what happened stays readable.
  const moves = run.finishedAt === null && run.steps.some((step) => moving.has(step.status));
  const last = Math.max(startedAt + leastSpan, ...momentsOf(run), ...(moves ? [now] : []));
  const share = (moment: number): number => Math.min(1, Math.max(0, (moment - startedAt) / (last - startedAt)));

  const attemptsByStep = new Map<string, RunAttempt[]>();
  for (const attempt of run.attempts) {
    const key = `${attempt.path}~${attempt.ordinal}`;
    attemptsByStep.set(key, [...(attemptsByStep.get(key) ?? []), attempt]);
  }

  const rows = run.steps
    .filter((step) => hasRun(step))
    .toSorted((a, b) => beginOf(a) - beginOf(b) || a.ordinal - b.ordinal)
    .map((step): TimelineRow => {
      const key = `${step.path}~${step.ordinal}`;
      const attempts = (attemptsByStep.get(key) ?? []).toSorted((a, b) => a.attempt - b.attempt);
      const end = (moment: string | null): number => (moment === null ? last : Date.parse(moment));
      const segments = attempts.flatMap((attempt, at): TimelineSegment[] => {
        const from = Date.parse(attempt.startedAt);
        const piece = {
          kind: attempt.status,
          from: share(from),
          to: share(end(attempt.finishedAt)),
          label: `Attempt ${attempt.attempt}: ${attempt.status}`,
        };
        const before = attempts[at - 1]?.finishedAt;
        if (!before) return [piece];
        return [
          { kind: 'wait', from: share(Date.parse(before)), to: piece.from, label: 'Waiting to try again' },
          piece,
        ];
      });
      const lastEnd = attempts.at(-1)?.finishedAt;
      if (step.status === 'retrying' && lastEnd) {
        segments.push({ kind: 'wait', from: share(Date.parse(lastEnd)), to: 1, label: 'Waiting to try again' });
      }
      const whole: TimelineSegment = {
        kind:
          step.status === 'waiting'
            ? 'wait'
            : step.status === 'failed'
              ? 'failed'
              : step.finishedAt
                ? 'succeeded'
                : 'running',
        from: share(beginOf(step)),
        to: share(end(step.finishedAt)),
        label: step.title,
      };
      return { key, path: step.path, step, segments: segments.length > 0 ? segments : [whole] };
    });
  return { startedAt, endsAt: last, rows };
};

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const roundSteps = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  250,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
];

/** Round marks for the axis: at most five, as ms after the start. `span` in ms. */
export const axisMarks = (span: number): readonly number[] => {
  const step = roundSteps.find((candidate) => candidate * 4 >= span) ?? Math.ceil(span / 4 / day) * day;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, at) => at * step);
};
